import type { Rule } from '#audience';
import type { Against, Attack, Outcome } from './attack.ts';
import { AttackedService } from './attacked-service.ts';
import { accuracyAfter } from './bounds.ts';
import { Coins } from './coins.ts';
import { paraphraser, targets } from './retailer-rows.ts';
import { CROWD } from './segments.ts';

/** A pair each: 400 questions, all that a brand's month pays for. */
const TARGETS = 200;
/** Where nothing protects: enough to win. */
const FEW = 20;
/** Over the bound that the loss of all pairs would set for one member: 2.5 deviations of the share of right guesses. */
const MARGIN = 0.05;

async function run(against: Against): Promise<Outcome> {
  return await AttackedService.use({ name: 'differencing', against }, async (service) => {
    const coins = new Coins('differencing');
    const members = await targets(against === 'product' ? TARGETS : FEW, 'differencing');
    const secrets = members.map(() => coins.flip());
    await service.withdraw(members.filter((_, index) => !secrets[index]));
    const paraphrase = await paraphraser();
    let successes = 0;
    for (const [index, { alone }] of members.entries()) {
      const withTarget: Rule = { any: [paraphrase(CROWD, index), alone] };
      const withoutTarget: Rule = { all: [withTarget, { none: [alone] }] };
      const difference = (await service.size(withTarget)) - (await service.size(withoutTarget));
      if (difference >= 1 === secrets[index]) successes += 1;
    }
    const trials = members.length;
    const { nanoRho, violations } = await service.account();
    const tooMany = against !== 'control' && successes / trials > accuracyAfter(nanoRho) + MARGIN;
    return {
      trials,
      successes,
      nanoRhoEach: nanoRho / trials,
      violations: tooMany ? [...violations, 'more than five points above what the month may tell'] : violations,
    };
  });
}

export const differencing: Attack = {
  name: '± 1 member differencing',
  about:
    'Knows one shop visit of each of 200 members. Asks for a crowd with the member and without, 400 questions in all, ' +
    'and tells by the difference whether the member is counted.',
  formula: '½ + ½ (2Φ(√(2ρ)/2) − 1)',
  bound: ({ nanoRhoEach }) => accuracyAfter(nanoRhoEach),
  run,
};
