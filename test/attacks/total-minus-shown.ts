import type { Rule } from '#audience';
import { TOUR } from '../e2e/questions.ts';
import type { Against, Attack, Outcome } from './attack.ts';
import { AttackedService } from './attacked-service.ts';
import { sumWithin } from './bounds.ts';
import { Coins } from './coins.ts';
import { Partitions } from './partitions.ts';
import { paraphraser } from './retailer-rows.ts';
import { CROWD, HOME, inRegions } from './segments.ts';

const TRIALS = 160;
/** Where nothing protects: enough to win. */
const FEW = 20;
const SHOWN = 3;
/** A guess within ± this many members is right. */
const WIDTH = 10;
/** More than the default quota, which 400 questions would use up. */
const ENV = { HAVEN_BRAND_MONTH_MICRO_RHO: '60000' };

/** A part of the home region below the minimum cohort, of 20 to 650 members: its customers of so many days. */
const small = (lastDays: number, minCents: number): Rule => ({
  all: [
    inRegions([HOME]),
    { spend: { products: { categories: [TOUR.categoryCode] }, window: { lastDays }, minCents } },
  ],
});

async function run(against: Against): Promise<Outcome> {
  return await AttackedService.use({ name: 'total minus shown', against, env: ENV }, async (service) => {
    const coins = new Coins('total minus shown');
    const partitions = await Partitions.of(service, coins);
    const trials = against === 'product' ? TRIALS : FEW;
    const paraphrase = await paraphraser();
    let successes = 0;
    let shown = 0;
    for (let trial = 0; trial < trials; trial += 1) {
      const hidden = small(1 + coins.below(90), 1 + coins.below(100));
      if ((await service.ask(hidden))?.value !== null) shown += 1;
      let guess = await service.size({ any: [paraphrase(CROWD, trial), hidden] });
      for (const codes of partitions.next(SHOWN)) guess -= await service.size(paraphrase(inRegions(codes), trial));
      if (Math.abs(guess - (await service.known(hidden))) <= WIDTH) successes += 1;
    }
    const { nanoRho, violations } = await service.account();
    return {
      trials,
      successes,
      nanoRhoEach: nanoRho / trials,
      violations: shown > 0 ? [...violations, `${shown} slices far below the minimum cohort were shown`] : violations,
    };
  });
}

export const totalMinusShown: Attack = {
  name: 'total minus shown',
  about:
    'Asks for an audience whole and for its slices, one of which is too small to be shown, and takes the shown ones ' +
    'from the whole, to name the hidden one within ± 10.',
  formula: 'Pr[|Σ of 4 draws| ≤ 10]',
  // The ledger is not asked: that every answer is charged is checked, and the hidden slice's tells only that it is small.
  bound: () => sumWithin(SHOWN + 1, WIDTH),
  run,
};
