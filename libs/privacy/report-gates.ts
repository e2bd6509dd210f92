import type { PartName, PlanSize } from './report-shares.ts';

/** Which numbers of members decide whether the numbers of a part are shown. */
export interface PartGate {
  /** A part of the same plan: distinct members, or a partition of them. */
  readonly part: PartName;
  /** Each number by that of the same coordinate, or all by the sum of a partition. */
  readonly by: 'same-place' | 'total';
}

/** Sums are gated by the distinct members of the same coordinate, which the plan releases wherever it releases a sum. */
const SALES_GATES: Readonly<Partial<Record<PartName, PartName>>> = {
  'sales/day': 'buyers/day',
  'sales/week': 'buyers/week',
  'sales/week×channel': 'buyers/week×channel',
  'sales/channel': 'buyers/channel',
};

/**
 * The gate of a part; undefined for curves, whose numbers tell of everybody up to a day. Numbers of members are gated by
 * themselves, and the campaign's sales by the sum of its first buyers.
 */
export function gateOf(name: PartName, size: PlanSize): PartGate | undefined {
  if (name === 'firstBuyers/curve' || name === 'reach/curves') return undefined;
  if (name === 'sales/total')
    return { part: size === 'S' ? 'firstBuyers/week' : 'firstBuyers/week×channel', by: 'total' };
  return { part: SALES_GATES[name] ?? name, by: 'same-place' };
}
