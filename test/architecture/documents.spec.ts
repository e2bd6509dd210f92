import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { publishedEpsilon } from '#privacy';
import { loadConfig } from '../../src/config/config.ts';
import { READ_NANO_RHO, SIGMA_BY_PRECISION, audienceSizePlan, audienceSizeLoss } from '../../src/releases/precision.ts';

const ROOT = join(import.meta.dirname, '../..');
const text = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const oneLine = (file: string): string => text(file).replaceAll(/\s+>?\s*/g, ' ');

const isThere = (path: string): boolean =>
  ['', '.spec.ts', '.e2e-spec.ts'].some((ending) => existsSync(join(ROOT, path + ending)));

const DOCUMENTS = ['README.md', 'SECURITY.md', 'CHANGELOG.md', 'docs/architecture.md'];
const { budgets } = loadConfig({});

describe('the documents', () => {
  it('state the guarantee with the figures that the default budgets give', () => {
    const security = oneLine('SECURITY.md');
    expect(security).toContain(`e^${publishedEpsilon(budgets.globalMonth)}·Pr[T(D∖u)∈S] + 1e-9`);
    expect(security).toContain(`one brand alone: e^${publishedEpsilon(budgets.brandMonth)}`);
    expect(security).toContain(
      `the caps are ρ ${Number(budgets.globalYear) / 1e9} (ε ${publishedEpsilon(budgets.globalYear)})`,
    );
    expect(security).toContain(
      `ρ ${Number(budgets.brandYear) / 1e9} (ε ${publishedEpsilon(budgets.brandYear)}) for one brand`,
    );
  });

  it('state prices, precision and thresholds as the code has them', () => {
    const readme = text('README.md');
    for (const precision of ['coarse', 'standard', 'fine'] as const) {
      const cells = [
        precision,
        String(SIGMA_BY_PRECISION[precision]),
        audienceSizeLoss(precision).nanoRho.toLocaleString('en'),
      ];
      expect(readme).toMatch(new RegExp(`\\| ${cells.join(' +\\| ')} +\\|`));
    }
    expect(audienceSizeLoss('standard').nanoRho).toBe(READ_NANO_RHO);
    const reads = (budgets.brandMonth / READ_NANO_RHO).toString();
    expect(oneLine('README.md')).toContain(`ε ${publishedEpsilon(budgets.brandMonth)}, ${reads} reads`);
    expect(oneLine('CHANGELOG.md')).toContain(`k = ${audienceSizePlan('standard').k.toLocaleString('en')}`);
  });

  it('list every setting there is, and no other', () => {
    const listed = new Set(
      [...text('README.md').matchAll(/^\| (`.*?) +\|/gm)].flatMap(([, cell]) => {
        const names = [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? '');
        // `HAVEN_X_MONTH_…`, `…_YEAR_…` stands for the two names that differ in that part.
        return names.map((name) => (name === '…_YEAR_…' ? (names[0] ?? '').replace('_MONTH_', '_YEAR_') : name));
      }),
    );
    const source = text('src/config/config.ts');
    const settings = [...source.matchAll(/'((?:HAVEN_|RELEASE_)[A-Z_]+|DATABASE_URL|NODE_ENV)'/g)].map(
      ([, name]) => name,
    );
    // Read by the tests, not by the service.
    const expected = new Set(settings.filter((name) => name !== 'HAVEN_REAL_DATA' && name !== 'HAVEN_NIGHTLY'));
    const settingsListed = [...listed].filter((name) => /^(HAVEN|RELEASE|DATABASE|NODE)_/.test(name));
    expect(new Set(settingsListed)).toEqual(expected);
  });

  it.each(DOCUMENTS)('%s links to files that exist', (file) => {
    const links = [...text(file).matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path]) => path ?? '');
    const missing = links.filter((path) => !existsSync(join(ROOT, dirname(file), path)));
    expect(missing).toEqual([]);
  });

  it('name tests that exist', () => {
    const named = [...text('SECURITY.md').matchAll(/`((?:test|libs|src)\/[\w./-]+)`/g)].map(([, path]) => path ?? '');
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((path) => !isThere(path))).toEqual([]);
  });

  it('leave no gap to be filled in', () => {
    expect(DOCUMENTS.filter((file) => /@@|\bTBD\b|lorem ipsum/i.test(text(file)))).toEqual([]);
  });
});
