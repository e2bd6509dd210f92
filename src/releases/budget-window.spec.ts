import { dayOf, monthReset, monthStart, yearReset, yearStart } from './budget-window.ts';

const at = (instant: string): number => Date.parse(instant);

describe('budget windows', () => {
  it('cut days and months at midnight UTC', () => {
    expect(dayOf(at('2026-03-31T23:59:59.999Z'))).toBe('2026-03-31');
    expect(monthStart(at('2026-03-31T23:59:59.999Z'))).toBe('2026-03-01');
    expect(monthReset(at('2026-12-31T23:59:59.999Z'))).toBe('2027-01-01T00:00:00.000Z');
  });

  it('count 365 days in a rolling year, today included', () => {
    expect(yearStart(at('2027-01-01T12:00:00Z'))).toBe('2026-01-02');
    // A leap day makes the calendar year longer than the window.
    expect(yearStart(at('2028-12-31T00:00:00Z'))).toBe('2028-01-02');
  });

  it('name the day on which enough has left the rolling year', () => {
    const spends = [
      { day: '2026-05-02', nanoRho: 30n, quectoTheta: 1n },
      { day: '2026-02-01', nanoRho: 40n, quectoTheta: 2n },
    ];
    expect(yearReset(spends, 100n, 30n, 'nanoRho')).toBeNull();
    expect(yearReset(spends, 100n, 31n, 'nanoRho')).toBe('2027-02-01T00:00:00.000Z');
    expect(yearReset(spends, 100n, 71n, 'nanoRho')).toBe('2027-05-02T00:00:00.000Z');
    expect(yearReset(spends, 100n, 101n, 'nanoRho')).toBeNull();
    expect(yearReset(spends, 3n, 1n, 'quectoTheta')).toBe('2027-02-01T00:00:00.000Z');
  });
});
