import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { membershipAdvantage, publishedEpsilon } from '#privacy';
import { loadConfig } from '../../src/config/config.ts';
import { audienceSizePlan } from '../../src/releases/precision.ts';

const TEXT = readFileSync(join(import.meta.dirname, '../../docs/guarantee.md'), 'utf8');
const LINE = TEXT.replaceAll(/\s+/g, ' ');
const { budgets, releaseSlotMs } = loadConfig({});

const ROWS: readonly (readonly [string, bigint])[] = [
  ['one campaign, in its whole life', budgets.campaignTotal],
  ['one brand, in a calendar month', budgets.brandMonth],
  ['one agency over all its brands, in a month', budgets.agencyMonth],
  ['one brand, in any 365 days', budgets.brandYear],
  ['**all brands together, in a calendar month**', budgets.globalMonth],
  ['**all brands together, in any 365 days**', budgets.globalYear],
];

/** In percent, rounded up to two decimals: the bound is never understated. */
const rightAtMost = (nanoRho: bigint): string =>
  `${(Math.ceil((5_000 + 5_000 * membershipAdvantage(nanoRho)) * (1 - 1e-12)) / 100).toFixed(2)} % of the time`;

describe('the guarantee in plain words', () => {
  it('has a row for each cap of the configuration, with the figures that the code gives', () => {
    const rows = [...TEXT.matchAll(/^\| (.+) \|$/gm)].map(([, row = '']) => row.split('|').map((cell) => cell.trim()));
    expect(rows.slice(2)).toEqual(
      ROWS.map(([who, cap]) => [who, String(Number(cap) / 1e9), String(publishedEpsilon(cap)), rightAtMost(cap)]),
    );
  });

  it('states threshold, error probability and slot of the code', () => {
    const { k, beta } = audienceSizePlan('standard');
    expect(LINE).toContain(
      `an audience smaller than ${k.toLocaleString('en')} members is shown at most once in ${(1 / beta).toLocaleString('en')} questions`,
    );
    expect(LINE).toContain(`full slots of ${releaseSlotMs.toLocaleString('en')} milliseconds`);
  });

  it('admits the default quotas only as far as the guarantee can keep them', () => {
    expect(50n * budgets.brandMonth <= budgets.globalMonth && 50n * budgets.brandYear <= budgets.globalYear).toBe(true);
  });
});
