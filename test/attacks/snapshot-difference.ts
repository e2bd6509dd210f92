import type { Rule } from '#audience';
import type { Against, Attack, Outcome } from './attack.ts';
import { AttackedService } from './attacked-service.ts';
import { accuracyAfter } from './bounds.ts';
import { Coins } from './coins.ts';
import { paraphraser, targets } from './retailer-rows.ts';
import { CROWD } from './segments.ts';

const TARGETS = 120;
/** Where nothing protects: enough to win. */
const FEW = 20;

async function run(against: Against): Promise<Outcome> {
  return await AttackedService.use({ name: 'snapshot difference', against }, async (service) => {
    const coins = new Coins('snapshot difference');
    const members = await targets(against === 'product' ? TARGETS : FEW, 'snapshot difference');
    const left = members.map(() => coins.flip());
    const paraphrase = await paraphraser();
    const snapshot = async (): Promise<number[]> => {
      const sizes: number[] = [];
      for (const [index, { alone }] of members.entries()) {
        const rule: Rule = { any: [paraphrase(CROWD, index), alone] };
        sizes.push(await service.size(rule));
      }
      return sizes;
    };
    const before = await snapshot();
    await service.withdraw(members.filter((_, index) => left[index]));
    const after = await snapshot();
    const successes = members.filter((_, index) => before[index]! - after[index]! >= 1 === left[index]).length;
    const { nanoRho, violations } = await service.account();
    return { trials: members.length, successes, nanoRhoEach: nanoRho / members.length, violations };
  });
}

export const snapshotDifference: Attack = {
  name: 'snapshot difference',
  about:
    'Asks for the same 120 audiences before and after some members withdraw their consent, and tells by the ' +
    'difference which of the members did. Each state of the data is charged.',
  formula: '½ + ½ (2Φ(√(2ρ)/2) − 1)',
  bound: ({ nanoRhoEach }) => accuracyAfter(nanoRhoEach),
  run,
};
