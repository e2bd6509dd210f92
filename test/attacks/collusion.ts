import type { Rule } from '#audience';
import type { Against, Attack, Outcome } from './attack.ts';
import { AttackedService } from './attacked-service.ts';
import { accuracyAfter } from './bounds.ts';
import { Coins } from './coins.ts';
import { paraphraser, targets } from './retailer-rows.ts';
import { CROWD } from './segments.ts';

const TARGETS = 200;
/** Where nothing protects: enough to win. */
const FEW = 10;
/** Questions about a target that each of the two asks. */
const EACH = 3;
const MICRO_RHO_PER_READ = 50;
const QUOTA_READS = TARGETS * EACH;

/** Two quotas that fill the country's budget, and no more. */
const ENV = {
  HAVEN_BRAND_MONTH_MICRO_RHO: String(QUOTA_READS * MICRO_RHO_PER_READ),
  HAVEN_GLOBAL_MONTH_MICRO_RHO: String(2 * QUOTA_READS * MICRO_RHO_PER_READ),
};

const colluders = ({ keys }: AttackedService): readonly string[] => [keys.analyst, keys.agency];

/** Whether anything is left to either when both quotas are spent. */
async function beyondQuota(service: AttackedService): Promise<string[]> {
  const answers = [];
  for (const key of colluders(service)) answers.push(await service.ask(CROWD, key));
  return answers.some((told) => told !== undefined) ? ['an answer beyond the quotas was given'] : [];
}

async function run(against: Against): Promise<Outcome> {
  return await AttackedService.use({ name: 'collusion', against, env: ENV }, async (service) => {
    const coins = new Coins('collusion');
    const members = await targets(against === 'product' ? TARGETS : FEW, 'collusion');
    const secrets = members.map(() => coins.flip());
    await service.withdraw(members.filter((_, index) => !secrets[index]));
    const crowd = await service.known(CROWD);
    const paraphrase = await paraphraser();
    let successes = 0;
    for (const [index, { alone }] of members.entries()) {
      let excess = 0;
      for (let number = 0; number < EACH; number += 1) {
        const rule: Rule = { any: [paraphrase(CROWD, index * EACH + number), alone] };
        for (const key of colluders(service)) excess += (await service.size(rule, key)) - crowd;
      }
      if (excess > EACH === secrets[index]) successes += 1;
    }
    const { nanoRho, violations } = await service.account();
    const beyond = against === 'product' ? await beyondQuota(service) : [];
    const trials = members.length;
    return { trials, successes, nanoRhoEach: nanoRho / trials, violations: [...violations, ...beyond] };
  });
}

export const collusion: Attack = {
  name: 'agency and brand collude',
  about:
    `A brand, and an agency in the name of another, both ask the same three questions about each of ${TARGETS} members, until ` +
    'both quotas and with them the country’s budget are spent. They pool the answers.',
  formula: '½ + ½ (2Φ(√(2ρ)/2) − 1), ρ of both',
  bound: ({ nanoRhoEach }) => accuracyAfter(nanoRhoEach),
  run,
};
