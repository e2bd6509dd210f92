import type { Rule } from '#audience';
import { demoWorld } from '#demo';
import { TOUR } from '../e2e/questions.ts';

const REGIONS = demoWorld().countries.find(({ country }) => country === TOUR.country)?.regions ?? [];
const [home, ...elsewhere] = REGIONS.map(({ code }) => code);

/** The region in which every target lives. */
export const HOME = home ?? '';
/** The other regions: whoever lives there is no target, so the attacker may know them to the last member. */
export const ELSEWHERE: readonly string[] = elsewhere;

export const inRegions = (codes: readonly string[]): Rule => ({ region: { in: codes } });

/** Some 8,500 members, far above the minimum cohort, none of them a target. */
export const CROWD: Rule = inRegions(ELSEWHERE);
