import { under } from './faults.ts';
import type { Faults } from './faults.ts';

/**
 * Words of predicates that compare members with one another: ranks and quantiles, likeness to others, scores learned from
 * live members. With one of these, taking a member away can move others in or out, so that a count changes by more than
 * the one that its noise covers (sensitivity is over all neighbours: Dwork, Roth 2014, Definition 3.1).
 */
const COMPARING: ReadonlySet<string> = new Set(
  `percentile percentiles pctl percentrank quantile quantiles ntile decile deciles quintile quintiles quartile quartiles
   rank ranks ranked ranking top bottom highest lowest lookalike lookalikes alike similar similarity score scores scored
   scoring propensity cluster clusters`.split(/\s+/),
);

/** An average compares members where something is held against it; alone it may be of one member's rows. */
const AVERAGE = /^(average|averages|avg|mean|median)$/;
const AGAINST = /^(above|below|over|under|than|relative|versus|vs|others)$/;

const TEXT_CHARACTERS = 64;
const NODE_KEYS = 8;

/** Whether a text that is no word of the language, as a key or a kind, names a comparison of members. */
export function comparesMembers(text: string): boolean {
  const spaced = text.slice(0, TEXT_CHARACTERS).replaceAll(/([a-z0-9])(?=[A-Z])/g, '$1 ');
  const words = spaced.toLowerCase().split(/[^a-z]+/);
  if (words.some((word) => COMPARING.has(word))) return true;
  return words.some((word) => AVERAGE.test(word)) && words.some((word) => AGAINST.test(word));
}

/** The key of a thing of no known form that names a comparison of members, or whose text does. Looks at a few keys. */
export function comparingKey(thing: Readonly<Record<string, unknown>>): string | undefined {
  let looked = 0;
  for (const key in thing) {
    if (!Object.hasOwn(thing, key)) continue;
    const value = thing[key];
    if (comparesMembers(key) || (typeof value === 'string' && comparesMembers(value))) return key;
    looked += 1;
    if (looked === NODE_KEYS) return undefined;
  }
  return undefined;
}

/** Adds the fault of a comparison of members at a key. */
export const addComparison = (faults: Faults, pointer: string, key: string): undefined =>
  faults.add(
    under(pointer, key),
    'not-row-local',
    'a comparison of members',
    "a function of one member's own rows and of public constants",
  );
