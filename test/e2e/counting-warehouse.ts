import { RawCount } from '#core';
import type { CountStatement } from '#core';
import type { Warehouse } from '#warehouse';
import { openRaw } from '../../libs/core/raw.ts';

/** A warehouse like the given one, but for how it counts. */
export const withCount = (inner: Warehouse, count: Warehouse['count']): Warehouse => ({
  dialect: inner.dialect,
  count,
  dataVersion: (country) => inner.dataVersion(country),
  dataVersions: () => inner.dataVersions(),
  catalogue: () => inner.catalogue(),
  recordConsent: (events, now) => inner.recordConsent(events, now),
  health: () => inner.health(),
  close: () => inner.close(),
});

/** The compiled count under one more condition on a row of `member`, called `m`. */
export const narrowed = (statement: CountStatement, condition: string): CountStatement => ({
  ...statement,
  sql: `${statement.sql}\n  AND ${condition}`,
});

/** Counts the members that keep the condition twice, as a join that multiplies rows would. */
export const countingTwice = (inner: Warehouse, condition: string): Warehouse =>
  withCount(inner, async (statement, options) => {
    const [all, again] = [
      await inner.count(statement, options),
      await inner.count(narrowed(statement, condition), options),
    ];
    return new RawCount(openRaw(all) + openRaw(again));
  });
