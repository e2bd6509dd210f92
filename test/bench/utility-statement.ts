import type { PlanSize } from '../../libs/privacy/report-shares.ts';

/** A number that people read in a report, as its error is measured. */
export type ReportFigure =
  | 'buyers day×channel %'
  | 'buyers day %'
  | 'buyers week×channel %'
  | 'buyers week %'
  | 'buyers channel %'
  | 'sales day %'
  | 'sales week×channel %'
  | 'sales week %'
  | 'sales channel %'
  | 'sales campaign %'
  | 'first buyers end %'
  | 'first buyers week×channel %'
  | 'reach end %'
  | 'new-to-brand week points'
  | 'new-to-brand campaign points'
  | 'frequency bin members';

/** The errors that the design of the plans states, with the digits it prints. */
export interface Statement {
  readonly size: PlanSize;
  /** Loss of the whole report, nano-ρ. */
  readonly nanoRho: bigint;
  readonly errors: Readonly<Partial<Record<ReportFigure, string>>>;
}

/** 1 M members for L, 300 k for M, 50 k for S. */
export const STATEMENTS: readonly Statement[] = [
  {
    size: 'L',
    nanoRho: 12_000_000n,
    errors: {
      'buyers day×channel %': '20',
      'buyers day %': '4.4',
      'buyers week×channel %': '4.7',
      'buyers week %': '2.2',
      'buyers channel %': '1.5',
      'sales day %': '6.6',
      'sales week×channel %': '5.2',
      'sales week %': '1.7',
      'sales channel %': '1.5',
      'sales campaign %': '0.40',
      'first buyers end %': '0.29',
      'first buyers week×channel %': '3.4',
      'reach end %': '0.030',
      'new-to-brand week points': '0.34',
      'new-to-brand campaign points': '0.15',
      'frequency bin members': '37.3',
    },
  },
  {
    size: 'M',
    nanoRho: 12_000_000n,
    errors: {
      'buyers day %': '14.8',
      'buyers week×channel %': '10.9',
      'buyers week %': '6',
      'buyers channel %': '4.6',
      'sales day %': '25',
      'sales week×channel %': '17.8',
      'sales week %': '6.1',
      'sales channel %': '4.3',
      'sales campaign %': '1.0',
      'first buyers end %': '0.91',
      'first buyers week×channel %': '10.6',
      'reach end %': '0.10',
      'new-to-brand week points': '1.1',
      'new-to-brand campaign points': '0.50',
      'frequency bin members': '40.8',
    },
  },
  {
    size: 'S',
    nanoRho: 12_000_000n,
    errors: {
      'buyers week %': '16',
      'buyers channel %': '20',
      'sales week %': '23',
      'sales channel %': '22',
      'sales campaign %': '4.1',
      'first buyers end %': '4.7',
      'reach end %': '0.42',
      'new-to-brand week points': '6.7',
      'new-to-brand campaign points': '3.0',
      'frequency bin members': '45.6',
    },
  },
  {
    size: 'L',
    nanoRho: 30_000_000n,
    errors: {
      'buyers day %': '2.8',
      'buyers week×channel %': '3.0',
      'buyers channel %': '1.0',
      'sales day %': '4.2',
      'sales week×channel %': '3.3',
      'sales channel %': '0.96',
      'sales campaign %': '0.25',
      'first buyers end %': '0.18',
      'new-to-brand week points': '0.21',
      'new-to-brand campaign points': '0.10',
    },
  },
  {
    size: 'M',
    nanoRho: 30_000_000n,
    errors: {
      'buyers day %': '9.4',
      'buyers week×channel %': '6.9',
      'buyers channel %': '2.9',
      'sales day %': '15.7',
      'sales week×channel %': '11.3',
      'sales channel %': '2.7',
      'sales campaign %': '0.65',
      'first buyers end %': '0.57',
      'new-to-brand week points': '0.71',
      'new-to-brand campaign points': '0.32',
    },
  },
  {
    size: 'S',
    nanoRho: 30_000_000n,
    errors: {
      'buyers channel %': '12.7',
      'sales channel %': '13.7',
      'sales campaign %': '2.6',
      'first buyers end %': '3.0',
      'new-to-brand week points': '4.3',
      'new-to-brand campaign points': '1.9',
    },
  },
  {
    size: 'L',
    nanoRho: 60_000_000n,
    errors: {
      'buyers day %': '2.0',
      'buyers week×channel %': '2.1',
      'buyers channel %': '0.7',
      'sales day %': '3.0',
      'sales week×channel %': '2.3',
      'sales channel %': '0.68',
      'sales campaign %': '0.18',
      'first buyers end %': '0.13',
      'new-to-brand week points': '0.15',
      'new-to-brand campaign points': '0.07',
    },
  },
  {
    size: 'M',
    nanoRho: 60_000_000n,
    errors: {
      'buyers day %': '6.6',
      'buyers week×channel %': '4.9',
      'buyers channel %': '2.1',
      'sales day %': '11.1',
      'sales week×channel %': '8.0',
      'sales channel %': '1.9',
      'sales campaign %': '0.46',
      'first buyers end %': '0.41',
      'new-to-brand week points': '0.50',
      'new-to-brand campaign points': '0.22',
    },
  },
  {
    size: 'S',
    nanoRho: 60_000_000n,
    errors: {
      'buyers channel %': '9.0',
      'sales channel %': '9.7',
      'sales campaign %': '1.8',
      'first buyers end %': '2.1',
      'new-to-brand week points': '3.0',
      'new-to-brand campaign points': '1.3',
    },
  },
];

/**
 * How far a measured error lies from a printed one, relative: 0 where it rounds to it, else the distance to the nearest
 * end of what rounds to it.
 */
export function deviation(measured: number, printed: string): number {
  const decimals = printed.split('.')[1]?.length ?? 0;
  const half = 0.5 * 10 ** -decimals;
  const [low, high] = [Number(printed) - half, Number(printed) + half];
  if (measured < low) return (low - measured) / low;
  return measured > high ? (measured - high) / high : 0;
}
