import { readFileSync } from 'node:fs';
import {
  DEFAULT_BOUNDS,
  membershipAdvantage,
  previewCount,
  previewPlan,
  publishedEpsilon,
  reportPlan,
} from './index.ts';
import type { PlanSize } from './index.ts';
import { columnNormSquared } from './sqrt-matrix.ts';

const README = readFileSync(new URL('README.md', import.meta.url), 'utf8');

/** The rows of the table that follows `<!-- table: name -->`, as cells. */
function tableOf(name: string): string[][] {
  const [, after = ''] = README.split(`<!-- table: ${name} -->\n`);
  const [table = ''] = after.trimStart().split('\n\n');
  const cells = table.split('\n').map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  return cells.slice(2);
}

const audience = (sigma: bigint) => ({ sigma2: { num: sigma ** 2n, den: 1n }, k: 1000n, beta: 1e-6, sensitivity: 1n });

describe('the numbers of the README', () => {
  it('published ε', () => {
    const rows = tableOf('epsilon');
    expect(rows).toHaveLength(6);
    for (const [rho, epsilon] of rows)
      expect(String(publishedEpsilon(BigInt(Math.round(Number(rho) * 1e9))))).toBe(epsilon);
  });

  it('audience sizes', () => {
    const rows = tableOf('tiers');
    expect(rows).toHaveLength(3);
    for (const row of rows) {
      const { sigma, nanoRho, interval95HalfWidth, tau, shown95 } = previewCount(audience(BigInt(row[0]!)));
      expect([sigma, nanoRho, `± ${interval95HalfWidth}`, tau, shown95].map(String)).toEqual(row);
    }
  });

  it('the advantage of an attacker, rounded up', () => {
    const rows = tableOf('advantage');
    expect(rows).toHaveLength(4);
    for (const [rho, advantage] of rows) {
      const exact = membershipAdvantage(BigInt(Math.round(Number(rho) * 1e9)));
      expect(`${(Math.ceil(exact * 1000 - 1e-9) / 10).toFixed(1)} %`).toBe(advantage);
    }
  });

  it('the plans of a report', () => {
    const shape = { days: 30, weeks: 5, channels: 5, buyingDays: 30, reachDays: 30, bounds: DEFAULT_BOUNDS };
    const cellsOf = (size: PlanSize): ReadonlyMap<string, string> =>
      new Map(
        previewPlan(reportPlan(size, 12_000_000n, shape)).parts.map(({ name, sigma, threshold }) => {
          const error = name.startsWith('sales') ? `€ ${Math.round(sigma / 100)}` : sigma.toFixed(1);
          return [`\`${name}\``, threshold === undefined ? error : `${error} · ${threshold.tau}`];
        }),
      );
    const plans = (['S', 'M', 'L'] as const).map(cellsOf);
    const rows = tableOf('plans');
    expect(new Set(rows.map(([name]) => name))).toEqual(new Set(plans.flatMap((plan) => [...plan.keys()])));
    for (const [name = '', ...cells] of rows) expect(plans.map((plan) => plan.get(name) ?? '–')).toEqual(cells);
    expect(README).toContain(`Δ² = ${columnNormSquared(30)} in units of 1/1024`);
  });

  it('the example', () => {
    const { nanoRho, sigma, interval95HalfWidth, tau, shown95 } = previewCount(audience(100n));
    expect(README).toContain(`publishedEpsilon(50_000n); // ${publishedEpsilon(50_000n)}`);
    expect(README).toContain(
      `{ nanoRho: ${nanoRho}n, sigma: ${sigma}, interval95HalfWidth: ${interval95HalfWidth}n, tau: ${tau}n, shown95: ${shown95}n }`,
    );
  });
});
