import type { Outcome } from './attack.ts';
import { differencing } from './differencing.ts';
import { exactThreshold, noiseOfDefinition, oneNoiseForAll, tooLittleNoise } from './flaws.ts';
import { sliceAndSum } from './slice-and-sum.ts';
import { snapshotDifference } from './snapshot-difference.ts';
import { suppressionOracle } from './suppression-oracle.ts';
import { LONGEST_MS } from './suite.ts';
import { judge } from './verdict.ts';

const WON: Outcome = { trials: 1, successes: 1, nanoRhoEach: 0, violations: [] };

// Mistakes that leave noise on every answer and a correct ledger. Seeded; the attack on the tenth of the noise is right
// in 77 % of 20 guesses, where 45 % refute the bound, and the others in all.
describe('the attacks find', () => {
  it.each([
    [noiseOfDefinition.name, noiseOfDefinition, snapshotDifference],
    [oneNoiseForAll.name, oneNoiseForAll, differencing],
    [exactThreshold.name, exactThreshold, suppressionOracle],
    [tooLittleNoise.name, tooLittleNoise, sliceAndSum],
  ] as const)(
    '%s',
    async (_, flaw, attack) => {
      const { faults } = judge(attack, await attack.run(flaw), WON);
      expect(faults).toContainEqual(expect.stringMatching(/% succeed, must be at most/));
    },
    LONGEST_MS,
  );
});
