/**
 * First slot boundary at or after an instant, both in milliseconds since the epoch. Outcomes are shown only at
 * boundaries, so that the time an answer took says nothing about the rows behind it. A width of 0 shows at once.
 */
export const nextSlot = (now: number, widthMs: number): number =>
  widthMs === 0 ? now : Math.ceil(now / widthMs) * widthMs;
