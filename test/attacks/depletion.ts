import type { Rule } from '#audience';
import { demoWorld } from '#demo';
import type { IssuedApiKeyDto } from '../../src/access/api-keys.dto.ts';
import type { BrandDto } from '../../src/brands/brands.dto.ts';
import { ROLE_PRESETS } from '../../src/access/scopes.ts';
import { TOUR } from '../e2e/questions.ts';
import type { Against, Attack, Outcome } from './attack.ts';
import { AttackedService } from './attacked-service.ts';
import { READ } from './bounds.ts';
import { paraphraser } from './retailer-rows.ts';
import { CROWD } from './segments.ts';

/** Standard sizes that a brand's month pays for. */
const QUOTA = 20;
/** Questions that each attacker asks beyond its quota. */
const BEYOND = 5;
const BRANDS = 4;
const MICRO_RHO_PER_READ = 50;

/** The country's budget, standard sizes: all quotas exactly, or half of them in the control. */
const countryReads = (against: Against): number => (BRANDS * QUOTA) / (against === 'control' ? 2 : 1);

const capsOf = (against: Against) => ({
  HAVEN_BRAND_MONTH_MICRO_RHO: String(QUOTA * MICRO_RHO_PER_READ),
  HAVEN_GLOBAL_MONTH_MICRO_RHO: String(countryReads(against) * MICRO_RHO_PER_READ),
  HAVEN_ALLOW_OVERCOMMIT: String(against === 'control'),
});

/** Manufacturers that have no brand at the demo yet. */
const SPARE = [...new Set(demoWorld().brands.map(({ manufacturer }) => manufacturer))].filter(
  (name) => !TOUR.manufacturers.some((known) => known.name === name),
);

/** The key of a new brand; undefined where the service does not admit another. */
async function openBrand(service: AttackedService, index: number): Promise<string | undefined> {
  const manufacturer = SPARE[index];
  const { status, body } = await service.manage<BrandDto>('/admin/v1/brands', { name: manufacturer, manufacturer });
  if (status !== 201) return undefined;
  const { scopes } = ROLE_PRESETS.brand_analyst;
  const wish = { label: 'Attacker', brandId: body.id, scopes };
  return (await service.manage<IssuedApiKeyDto>('/admin/v1/api-keys', wish)).body.key;
}

/** How many questions under a key are answered. */
async function answered(service: AttackedService, key: string, questions: readonly Rule[]): Promise<number> {
  let count = 0;
  for (const rule of questions) if ((await service.ask(rule, key)) !== undefined) count += 1;
  return count;
}

async function run(against: Against): Promise<Outcome> {
  const options = { name: 'depletion', against: 'product', env: capsOf(against) } as const;
  return await AttackedService.use(options, async (service) => {
    const paraphrase = await paraphraser();
    const attackers = [service.keys.agency];
    // One more than the budget was made for.
    for (let index = 0; attackers.length < BRANDS; index += 1) {
      const key = await openBrand(service, index);
      if (key === undefined) break;
      attackers.push(key);
    }
    const questions = Array.from({ length: QUOTA + BEYOND }, (_, number) => paraphrase(CROWD, number));
    for (const key of attackers) await answered(service, key, questions);
    const refused = QUOTA - (await answered(service, service.keys.analyst, questions.slice(0, QUOTA)));
    const { nanoRho, violations } = await service.account();
    const passed = nanoRho > countryReads(against) * READ;
    return {
      trials: QUOTA,
      successes: refused,
      nanoRhoEach: nanoRho / QUOTA,
      violations: passed ? [...violations, `the country's cap was passed: ${nanoRho} nano-ρ`] : violations,
    };
  });
}

export const depletion: Attack = {
  name: 'depletion of another brand',
  about:
    'Brands that act as one spend all they can, open one brand more than the country’s budget was made for and spend ' +
    'that one’s quota too. The victim then asks for the quota it was promised; what is refused is the success.',
  formula: '0: the quotas never promise more than the country’s budget',
  bound: () => 0,
  run,
};
