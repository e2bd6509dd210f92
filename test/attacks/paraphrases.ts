import type { Against, Attack, Outcome } from './attack.ts';
import { AttackedService } from './attacked-service.ts';
import { hitAfter } from './bounds.ts';
import { paraphraser } from './retailer-rows.ts';
import { CROWD } from './segments.ts';

/** Half of the default quota: 200 questions a month. */
const ENV = { HAVEN_BRAND_MONTH_MICRO_RHO: '10000' };
/** More than that pays for. */
const WISHED = 250;
/** Where nothing protects: enough to win. */
const FEW = 80;
/** Answers averaged for one guess. */
const BLOCK = 4;
/** A guess within ± this many members is right. */
const WIDTH = 5;

async function run(against: Against): Promise<Outcome> {
  return await AttackedService.use({ name: 'paraphrases', against, env: ENV }, async (service) => {
    const wished = against === 'product' ? WISHED : FEW;
    const paraphrase = await paraphraser();
    const sizes: number[] = [];
    for (let number = 0; number < wished; number += 1) {
      const told = await service.ask(paraphrase(CROWD, number));
      if (told === undefined) break;
      if (told.value === null) throw new Error('a large audience was suppressed');
      sizes.push(told.value);
    }
    const exact = await service.known(CROWD);
    const trials = Math.floor(sizes.length / BLOCK);
    let successes = 0;
    for (let trial = 0; trial < trials; trial += 1) {
      const block = sizes.slice(trial * BLOCK, (trial + 1) * BLOCK);
      const mean = block.reduce((sum, size) => sum + size, 0) / BLOCK;
      if (Math.abs(Math.round(mean) - exact) <= WIDTH) successes += 1;
    }
    const { nanoRho, violations } = await service.account();
    const stopped = sizes.length < WISHED;
    return {
      trials,
      successes,
      nanoRhoEach: (BLOCK * nanoRho) / sizes.length,
      violations: stopped ? violations : [...violations, `the budget did not stop ${WISHED} paraphrases`],
    };
  });
}

export const paraphrases: Attack = {
  name: 'repeat-averaging, paraphrased',
  about:
    'Asks for one audience in paraphrases that only the data show to be equal, until the budget stops, and averages ' +
    'four answers at a time, to name its size within ± 5.',
  formula: 'Pr[|N(0, 1/2ρ)| ≤ 5.5]',
  bound: ({ nanoRhoEach }) => hitAfter(nanoRhoEach, WIDTH),
  run,
};
