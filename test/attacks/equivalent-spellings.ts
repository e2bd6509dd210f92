import type { Rule } from '#audience';
import { dayOf } from '../property/days.ts';
import { levelsOf, rewritten } from '../property/audience-rewrites.ts';
import { TOUR } from '../e2e/questions.ts';
import { TEST_RETAILER } from '../harness/application.ts';
import type { Against, Attack, Outcome } from './attack.ts';
import { AttackedService } from './attacked-service.ts';
import { hitAfter } from './bounds.ts';
import { Coins } from './coins.ts';
import { ELSEWHERE, inRegions } from './segments.ts';

const AUDIENCES = 20;
const SPELLINGS = 50;
/** Where nothing protects: enough to win. */
const FEW = 2;
/** A guess within ± this many members is right. */
const WIDTH = 10;
const LEAVES_MAX = 50;

/** An audience with something for every law of rewriting to take hold of. */
const audience = (number: number): Rule => ({
  any: [
    { all: [inRegions(ELSEWHERE.slice(0, 5)), { tier: { in: ['basic', 'silver'] } }] },
    { frequency: { products: { categories: [TOUR.categoryCode] }, window: { lastDays: 7 }, min: 900 + number } },
  ],
});

const leavesOf = (rule: Rule): number => JSON.stringify(rule).match(/"(?:region|tier|frequency)":/g)?.length ?? 0;

/** So many ways to say the same, all different. */
function spellings(rule: Rule, count: number, coins: Coins): Rule[] {
  const through = dayOf(TEST_RETAILER.dataThrough);
  const found = new Map<string, Rule>([[JSON.stringify(rule), rule]]);
  while (found.size < count) {
    const other = rewritten(rule, (n) => coins.below(n), through);
    if (leavesOf(other) <= LEAVES_MAX && levelsOf(other) <= 5) found.set(JSON.stringify(other), other);
  }
  return [...found.values()];
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

async function run(against: Against): Promise<Outcome> {
  return await AttackedService.use({ name: 'equivalent spellings', against }, async (service) => {
    const coins = new Coins('equivalent spellings');
    const count = against === 'product' ? SPELLINGS : FEW;
    let successes = 0;
    let different = 0;
    for (let number = 0; number < AUDIENCES; number += 1) {
      const [first, ...others] = spellings(audience(number), count, coins);
      // The first is charged; the others are replays and may come at once.
      const answers = [await service.ask(first!), ...(await Promise.all(others.map((rule) => service.ask(rule))))];
      different += new Set(answers.map((told) => told?.bytes)).size - 1;
      const guess = Math.round(mean(answers.map((told) => told?.value ?? Number.NaN)));
      if (Math.abs(guess - (await service.known(audience(number)))) <= WIDTH) successes += 1;
    }
    const { nanoRho, violations } = await service.account();
    return {
      trials: AUDIENCES,
      successes,
      nanoRhoEach: nanoRho / AUDIENCES,
      violations: different > 0 ? [...violations, `${different} spellings got an answer of their own`] : violations,
    };
  });
}

export const equivalentSpellings: Attack = {
  name: 'repeat-averaging, spelt otherwise',
  about:
    'Asks each of 20 audiences in 50 equivalent spellings and averages, to name the size within ± 10. All spellings ' +
    'must get the same bytes for one charge.',
  formula: 'Pr[|N(0, 1/2ρ)| ≤ 10.5]',
  bound: ({ nanoRhoEach }) => hitAfter(nanoRhoEach, WIDTH),
  run,
};
