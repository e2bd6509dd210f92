import fc from 'fast-check';
import { dateOf, dayOf, historyFrom, monthSlices } from './calendar.ts';
import { checkDigit, gtin13 } from './gtin.ts';
import { demoLoyaltyNumber } from './loyalty-number.ts';

describe('GTIN-13', () => {
  it.each([
    ['629104150021', '3'],
    ['400638133393', '1'],
    ['000000000000', '0'],
  ])('has the check digit of published examples: %s', (body, digit) => {
    expect(checkDigit(body)).toBe(digit);
  });

  it('has a check digit that catches every single wrong digit', () => {
    fc.assert(
      fc.property(
        fc.nat(9_999),
        fc.nat(99_999),
        fc.nat(11),
        fc.integer({ min: 1, max: 9 }),
        (company, item, place, add) => {
          const gtin = gtin13(company, item);
          expect(gtin).toMatch(/^952\d{10}$/);
          const wrong = gtin.slice(0, 12).split('');
          wrong[place] = String((Number(wrong[place]) + add) % 10);
          expect(checkDigit(wrong.join(''))).not.toBe(gtin[12]);
        },
      ),
    );
  });
});

describe('demoLoyaltyNumber', () => {
  it('has 13 digits with a valid check digit, and never repeats', () => {
    const numbers = Array.from({ length: 50_000 }, (_, index) => demoLoyaltyNumber(42, index + 1));
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(numbers.filter((card) => !/^913\d{10}$/.test(card) || checkDigit(card.slice(0, 12)) !== card[12])).toEqual(
      [],
    );
  });

  it('depends on the seed, negative ones included', () => {
    expect(demoLoyaltyNumber(1, 1)).not.toBe(demoLoyaltyNumber(2, 1));
    expect(demoLoyaltyNumber(-1, 1)).toMatch(/^913\d{10}$/);
  });
});

describe('the calendar', () => {
  it.each([
    ['2026-10-31', '2024-11-01'],
    ['2026-10-15', '2024-10-16'],
    ['2026-02-28', '2024-02-29'],
    ['2024-02-29', '2022-03-01'],
    ['2026-12-31', '2025-01-01'],
    ['2026-01-01', '2024-01-02'],
  ])('holds 24 months up to %s, from %s', (through, from) => {
    expect(historyFrom(through)).toBe(from);
  });

  it('cuts any span into calendar months without a gap or an overlap', () => {
    const day = fc.integer({ min: dayOf('2020-01-01'), max: dayOf('2030-12-31') });
    fc.assert(
      fc.property(day, fc.integer({ min: 0, max: 800 }), (first, length) => {
        const slices = monthSlices(dateOf(first), dateOf(first + length));
        const days = slices.flatMap(({ firstDay, dayWeights }) => dayWeights.map((_, offset) => firstDay + offset));
        expect(days).toEqual(Array.from({ length: length + 1 }, (_, offset) => first + offset));
        const months = slices.map(({ firstDay, lastDay }) =>
          [dateOf(firstDay), dateOf(lastDay)].map((date) => date.slice(0, 7)),
        );
        expect(months.filter(([a, b]) => a !== b)).toEqual([]);
        expect(new Set(months.map(([month]) => month)).size).toBe(slices.length);
      }),
    );
  });
});
