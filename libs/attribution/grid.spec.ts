import { DomainError } from '#core';
import { GRID_DAYS_MAX, checkGrid, weekOf } from './grid.ts';
import type { Grid } from './grid.ts';

const GRID: Grid = { fromDay: 20_364, toDay: 20_393, channels: ['display', 'tv'], storeTypes: ['store', 'online'] };

const codes = (count: number): string[] => Array.from({ length: count }, (_, index) => `c${index}`);

describe('checkGrid', () => {
  it.each<[string, Partial<Grid>]>([
    ['a month', {}],
    ['one day', { toDay: GRID.fromDay }],
    ['the longest span', { toDay: GRID.fromDay + GRID_DAYS_MAX - 1 }],
    ['no channels', { channels: [] }],
    ['the most channels', { channels: codes(100) }],
  ])('takes %s', (_, more) => {
    expect(() => checkGrid({ ...GRID, ...more })).not.toThrow();
  });

  it.each<[string, Partial<Grid>]>([
    ['a channel twice', { channels: ['tv', 'display', 'tv'] }],
    ['a store type twice', { storeTypes: ['store', 'store'] }],
    // Two that an engine may read as one: each lone surrogate becomes U+FFFD.
    ['codes that are no text', { channels: ['\ud800', '\ud801'] }],
    ['an empty code', { channels: [''] }],
    ['a code with quotes', { storeTypes: ["store'"] }],
    ['too many channels', { channels: codes(101) }],
    ['days in reverse', { toDay: GRID.fromDay - 1 }],
    ['too many days', { toDay: GRID.fromDay + GRID_DAYS_MAX }],
    ['part of a day', { fromDay: 20_363.5 }],
    ['days before the epoch', { fromDay: -1 }],
    ['no days', { fromDay: Number.NaN }],
  ])('refuses %s', (_, more) => {
    expect(() => checkGrid({ ...GRID, ...more })).toThrow(DomainError);
    expect(() => checkGrid({ ...GRID, ...more })).toThrow(/^the grid must /);
  });
});

describe('weekOf', () => {
  it.each([
    ['1970-01-01', 0],
    ['1970-01-04', 0],
    ['1970-01-05', 1],
    // The first ISO week of 2026 begins in 2025.
    ['2025-12-28', 2921],
    ['2025-12-29', 2922],
    ['2026-01-04', 2922],
    ['2026-01-05', 2923],
  ])('of %s is %i', (day, week) => {
    expect(weekOf(Date.parse(`${day}T00:00:00Z`) / 86_400_000)).toBe(week);
  });
});
