import fc from 'fast-check';
import { dayNumber, dayText, monthsEarlier, spanOf } from './windows.ts';

const number = (text: string): number => dayNumber(text)!;
const span = (window: Parameters<typeof spanOf>[0], dataThrough: string) => {
  const { from, to } = spanOf(window, number(dataThrough));
  return [dayText(from), dayText(to)];
};

describe('days', () => {
  it('count from 1970-01-01 as UTC does, in the years 1 to 9999', () => {
    fc.assert(
      fc.property(fc.integer({ min: -719_162, max: 2_932_896 }), (day) => {
        const text = new Date(day * 86_400_000).toISOString().slice(0, 10);
        expect(dayText(day)).toBe(text);
        expect(dayNumber(text)).toBe(day);
      }),
      { seed: 1, numRuns: 2000 },
    );
  });

  it.each([
    '2025-02-29',
    '2025-13-01',
    '2025-00-10',
    '2025-1-01',
    '2025-01-32',
    '25-01-01',
    '2025-01-01T00:00:00Z',
    '',
  ])('refuse %p as no day of the calendar', (text) => {
    expect(dayNumber(text)).toBeUndefined();
  });

  it.each([
    ['2025-08-31', 6, '2025-02-28'],
    ['2024-08-31', 6, '2024-02-29'],
    ['2025-03-31', 1, '2025-02-28'],
    ['2025-01-31', 2, '2024-11-30'],
    ['2025-12-31', 12, '2024-12-31'],
    ['2024-02-29', 12, '2023-02-28'],
    ['2025-01-15', 24, '2023-01-15'],
    ['2025-12-15', 11, '2025-01-15'],
  ])('%s less %i months is %s, as in SQL', (day, months, expected) => {
    expect(dayText(monthsEarlier(number(day), months))).toBe(expected);
  });
});

describe('windows', () => {
  it.each([
    [{ lastDays: 1 }, '2025-03-31', ['2025-03-31', '2025-03-31']],
    [{ lastDays: 7 }, '2025-03-03', ['2025-02-25', '2025-03-03']],
    [{ lastMonths: 6 }, '2025-08-31', ['2025-03-01', '2025-08-31']],
    [{ lastMonths: 1 }, '2025-01-31', ['2025-01-01', '2025-01-31']],
    [{ from: '2024-12-24', to: '2024-12-26' }, '2025-01-31', ['2024-12-24', '2024-12-26']],
  ])('%j as of %s is %j, both ends included', (window, dataThrough, expected) => {
    expect(span(window, dataThrough)).toEqual(expected);
  });
});
