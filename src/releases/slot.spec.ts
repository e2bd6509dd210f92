import fc from 'fast-check';
import { hiddenSpan, nextSlot, outcomeSlot, untilVisible } from './slot.ts';

const instants = fc.integer({ min: 0, max: 4_000_000_000_000 });
const widths = fc.integer({ min: 1, max: 60_000 });

describe('slots', () => {
  it('begin at multiples of their width, and the next one is less than a width away', () => {
    fc.assert(
      fc.property(instants, widths, (now, width) => {
        const slot = nextSlot(now, width);
        expect(slot % width).toBe(0);
        expect(slot - now).toBeGreaterThanOrEqual(0);
        expect(slot - now).toBeLessThan(width);
      }),
    );
  });

  it('are the instant itself where they have no width', () => {
    expect(nextSlot(1_234, 0)).toBe(1_234);
    expect(untilVisible(1_234, 1_234, 0)).toBe(0);
  });

  it('hide an outcome until they begin, and never again', () => {
    expect([1_999, 2_000, 2_001].map((now) => untilVisible(2_000, now, 1_000))).toEqual([1, 0, 0]);
    fc.assert(
      fc.property(instants, fc.nat({ max: 200_000 }), widths, (openedAt, took, width) => {
        const settledAt = openedAt + took;
        const visibleAt = outcomeSlot(openedAt, settledAt, width);
        expect(untilVisible(visibleAt, settledAt, width)).toBe(visibleAt - settledAt);
        const { after, upTo } = hiddenSpan(settledAt, width);
        expect(visibleAt === settledAt || (visibleAt > after && visibleAt <= upTo)).toBe(true);
      }),
    );
  });

  it('are the same for every query that takes less than one, however near to a boundary it was asked', () => {
    fc.assert(
      fc.property(instants, widths, fc.double({ min: 0, max: 1, noNaN: true }), (openedAt, width, part) => {
        const visibleAt = outcomeSlot(openedAt, openedAt + Math.floor(part * width), width);
        expect(visibleAt).toBe(outcomeSlot(openedAt, openedAt, width));
        expect(visibleAt % width).toBe(0);
      }),
    );
    expect(outcomeSlot(1_999, 2_001, 1_000)).toBe(3_000);
    expect(outcomeSlot(1_999, 3_001, 1_000)).toBe(4_000);
    expect(outcomeSlot(1_999, 2_001, 0)).toBe(2_001);
  });

  it('do not hide again what was seen before the clock was set back', () => {
    expect(untilVisible(3_600_000, 1_000, 1_000)).toBe(0);
  });
});
