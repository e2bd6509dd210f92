import { tailProbability } from '../../libs/privacy/tails.ts';
import type { Against, Attack, Outcome } from './attack.ts';
import { AttackedService, MINIMUM_COHORT } from './attacked-service.ts';
import { SIGMA, accuracyAfter } from './bounds.ts';
import { Coins } from './coins.ts';
import { crowdsAround } from './crowds.ts';
import type { Crowd } from './crowds.ts';
import { targets } from './retailer-rows.ts';
import type { Target } from './retailer-rows.ts';

const TARGETS = 200;
/** Where nothing protects: enough to win. */
const FEW = 20;
/** Crowds that are searched: six steps. */
const CROWDS = 64;
/** More than the default quota, which 400 questions would use up. */
const ENV = { HAVEN_BRAND_MONTH_MICRO_RHO: '60000' };

/** How an audience's size decides whether it is shown, as published. */
interface ShowingRule {
  /** Size at which it turns. */
  readonly turn: number;
  /** How likely a size is to be shown. */
  readonly shown: (size: number) => number;
}

/** The noise is as often positive as negative: an audience of τ members is shown about as often as not. */
const noisyRule = (tau: number): ShowingRule => ({
  turn: tau,
  shown: (size) => tailProbability({ num: BigInt(SIGMA ** 2), den: 1n }, BigInt(tau - size)),
});

const EXACT_RULE: ShowingRule = { turn: MINIMUM_COHORT, shown: (size) => (size >= MINIMUM_COHORT ? 1 : 0) };

/**
 * Whether the target is counted, by a binary search for the size at which the crowd with the target is shown. Each
 * verdict also weighs on its own: how much likelier it is with the target than without.
 */
async function guess(service: AttackedService, { alone }: Target, rule: ShowingRule, crowds: readonly Crowd[]) {
  let [from, to] = [0, crowds.length - 1];
  let evidence = 0;
  while (from <= to) {
    const middle = (from + to) >> 1;
    const crowd = crowds[middle]!;
    const told = await service.ask({ any: [crowd.rule, alone] });
    if (told === undefined) throw new Error('a budget refused what the attack has planned for');
    const [present, absent] = [rule.shown(crowd.size + 1), rule.shown(crowd.size)];
    if (told.value === null) {
      evidence += Math.log1p(-present) - Math.log1p(-absent);
      from = middle + 1;
    } else {
      evidence += Math.log(present) - Math.log(absent);
      to = middle - 1;
    }
  }
  return evidence > 0;
}

async function run(against: Against): Promise<Outcome> {
  return await AttackedService.use({ name: 'suppression oracle', against, env: ENV }, async (service) => {
    const coins = new Coins('suppression oracle');
    const members = await targets(against === 'product' ? TARGETS : FEW, 'suppression oracle');
    const rule = against === 'product' ? noisyRule(await service.tau()) : EXACT_RULE;
    const crowds = await crowdsAround(rule.turn, CROWDS);
    const secrets = members.map(() => coins.flip());
    await service.withdraw(members.filter((_, index) => !secrets[index]));
    let successes = 0;
    for (const [index, target] of members.entries()) {
      if ((await guess(service, target, rule, crowds)) === secrets[index]) successes += 1;
    }
    const { nanoRho, violations } = await service.account();
    return { trials: members.length, successes, nanoRhoEach: nanoRho / members.length, violations };
  });
}

export const suppressionOracle: Attack = {
  name: 'suppression oracle',
  about:
    'Knows every member but one. Searches among crowds that differ by one member for the size at which the crowd with ' +
    'the target is shown, and tells by the verdicts alone whether the target is counted.',
  formula: '½ + ½ (2Φ(√(2ρ)/2) − 1)',
  bound: ({ nanoRhoEach }) => accuracyAfter(nanoRhoEach),
  run,
};
