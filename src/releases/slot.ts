/** Slots that may lie between an outcome and the slot at which it shows. */
const SLOTS_AHEAD = 2;

/**
 * First slot boundary at or after an instant, both in milliseconds since the epoch. A width of 0 shows at once.
 */
export const nextSlot = (now: number, widthMs: number): number =>
  widthMs === 0 ? now : Math.ceil(now / widthMs) * widthMs;

/**
 * The slot at which an outcome shows: the first boundary at least one width after its question was opened, or the first
 * after it was settled where that is later.
 *
 * So a query that takes less than a slot shows at an instant that follows from when it was asked alone. Were it the first
 * boundary after it was settled, whoever asks just before one would learn whether the query ended before it.
 */
export const outcomeSlot = (openedAt: number, settledAt: number, widthMs: number): number =>
  nextSlot(Math.max(settledAt, openedAt + widthMs), widthMs);

/**
 * Milliseconds until an outcome may be seen; 0 when it may. None is settled more than two slots ahead, so one that lies
 * further in the future was settled before the clock was set back, and is not hidden again.
 */
export function untilVisible(visibleAt: number, now: number, widthMs: number): number {
  const ahead = visibleAt - now;
  return ahead > SLOTS_AHEAD * widthMs ? 0 : Math.max(0, ahead);
}

/** Where outcomes lie that are settled but may not be seen yet, milliseconds since the epoch. */
export interface HiddenSpan {
  readonly after: number;
  readonly upTo: number;
}

/** The same as `untilVisible`, for the rows of a table. */
export const hiddenSpan = (now: number, widthMs: number): HiddenSpan => ({
  after: now,
  upTo: now + SLOTS_AHEAD * widthMs,
});
