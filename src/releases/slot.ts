/**
 * First slot boundary at or after an instant, both in milliseconds since the epoch. Outcomes are shown only at
 * boundaries, so that the time an answer took says nothing about the rows behind it. A width of 0 shows at once.
 */
export const nextSlot = (now: number, widthMs: number): number =>
  widthMs === 0 ? now : Math.ceil(now / widthMs) * widthMs;

/**
 * Milliseconds until an outcome may be seen; 0 when it may. None is settled more than one slot ahead, so one that lies
 * further in the future was settled before the clock was set back, and is not hidden again.
 */
export function untilVisible(visibleAt: number, now: number, widthMs: number): number {
  const ahead = visibleAt - now;
  return ahead > widthMs ? 0 : Math.max(0, ahead);
}
