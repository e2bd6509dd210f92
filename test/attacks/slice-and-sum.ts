import type { Against, Attack, Outcome } from './attack.ts';
import { AttackedService } from './attacked-service.ts';
import { hitAfter } from './bounds.ts';
import { Coins } from './coins.ts';
import { Partitions } from './partitions.ts';
import { paraphraser } from './retailer-rows.ts';
import { CROWD, inRegions } from './segments.ts';

const TRIALS = 160;
/** Where nothing protects: enough to win. */
const FEW = 20;
const SLICES = 3;
/** A guess within ± this many members is right. */
const WIDTH = 10;
/** More than the default quota, which 400 questions would use up. */
const ENV = { HAVEN_BRAND_MONTH_MICRO_RHO: '60000' };

async function run(against: Against): Promise<Outcome> {
  return await AttackedService.use({ name: 'slice and sum', against, env: ENV }, async (service) => {
    const partitions = await Partitions.of(service, new Coins('slice and sum'));
    const exact = await service.known(CROWD);
    const trials = against === 'product' ? TRIALS : FEW;
    const paraphrase = await paraphraser();
    let successes = 0;
    for (let trial = 0; trial < trials; trial += 1) {
      const whole = await service.size(paraphrase(CROWD, trial));
      let sum = 0;
      for (const codes of partitions.next(SLICES)) sum += await service.size(paraphrase(inRegions(codes), trial));
      // Weights against the variances σ² and 3σ² make the best of both.
      const guess = Math.round((SLICES * whole + sum) / (SLICES + 1));
      if (Math.abs(guess - exact) <= WIDTH) successes += 1;
    }
    const { nanoRho, violations } = await service.account();
    return { trials, successes, nanoRhoEach: nanoRho / trials, violations };
  });
}

export const sliceAndSum: Attack = {
  name: 'slice and sum',
  about:
    'Asks for an audience whole and in three slices, another partition each time, and weighs the sum of the slices ' +
    'against the whole, to name its size within ± 10.',
  formula: 'Pr[|N(0, 1/2ρ)| ≤ 10.5]',
  bound: ({ nanoRhoEach }) => hitAfter(nanoRhoEach, WIDTH),
  run,
};
