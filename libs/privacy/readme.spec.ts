import { readFileSync } from 'node:fs';
import { previewCount, publishedEpsilon } from './index.ts';

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

  it('the example', () => {
    const { nanoRho, sigma, interval95HalfWidth, tau, shown95 } = previewCount(audience(100n));
    expect(README).toContain(`publishedEpsilon(50_000n); // ${publishedEpsilon(50_000n)}`);
    expect(README).toContain(
      `{ nanoRho: ${nanoRho}n, sigma: ${sigma}, interval95HalfWidth: ${interval95HalfWidth}n, tau: ${tau}n, shown95: ${shown95}n }`,
    );
  });
});
