import type { Rule } from '#audience';
import { TOUR } from '../e2e/questions.ts';
import { neighbours } from './retailer-rows.ts';
import type { Neighbour } from './retailer-rows.ts';
import { ELSEWHERE, inRegions } from './segments.ts';

const WINDOW = { lastDays: 120 } as const;
const [{ brandCodes }] = TOUR.manufacturers;

/** An audience without any target, whose exact size the attacker knows. */
export interface Crowd {
  readonly size: number;
  readonly rule: Rule;
}

/**
 * So many crowds around a size, mostly one member apart, ascending: everybody in one region, and from the others the
 * brand's best customers.
 */
export async function crowdsAround(size: number, count: number): Promise<Crowd[]> {
  const everybody = await neighbours(brandCodes, WINDOW.lastDays);
  const found = new Map<number, Rule>();
  for (const region of ELSEWHERE) for (const crowd of crowdsOver(region, everybody)) found.set(crowd.size, crowd.rule);
  const around = [...found]
    .filter(([each]) => each >= size - count / 2 && each < size + count / 2)
    .map(([each, rule]) => ({ size: each, rule }));
  // The one that a single member lifts to the size is what the search is after.
  if (!found.has(size - 1)) throw new RangeError(`no crowd has ${size - 1} members`);
  return around.toSorted((a, b) => a.size - b.size);
}

function crowdsOver(region: string, everybody: readonly Neighbour[]): Crowd[] {
  const residents = everybody.filter((member) => member.region === region).length;
  const spends = everybody
    .filter((member) => member.region !== region && member.cents > 0)
    .map(({ cents }) => cents)
    .toSorted((a, b) => b - a);
  return spends.flatMap((minCents, index) => {
    // A threshold cannot part two customers who spent the same.
    if (spends[index + 1] === minCents) return [];
    const customers: Rule = { spend: { products: { brands: brandCodes }, window: WINDOW, minCents } };
    const others = ELSEWHERE.filter((code) => code !== region);
    const rule: Rule = { any: [inRegions([region]), { all: [inRegions(others), customers] }] };
    return [{ size: residents + index + 1, rule }];
  });
}
