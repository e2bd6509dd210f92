import { RawCount } from '#core';
import { releaseCount, systemRandom } from '#privacy';
import { audienceSizePlan } from './precision.ts';
import { releaseAnswer, safeNumber } from './release-answer.ts';
import type { ReleaseAnswer } from './release-answer.ts';
import type { CountQuestion } from './release-question.ts';

const question: CountQuestion = {
  kind: 'audience-size',
  brandId: 'brd_a',
  country: 'FR',
  dataVersion: 12,
  population: {},
  purposes: ['direct_marketing_email', 'audience_measurement'],
  precision: 'standard',
};

function answerFor(members: bigint): ReleaseAnswer {
  const noised = releaseCount(new RawCount(members), audienceSizePlan('standard'), systemRandom());
  return releaseAnswer(noised, {
    releaseId: 'rel_a',
    question,
    data: {
      country: 'FR',
      version: 12,
      historyFrom: '2024-11-01',
      dataThrough: '2026-10-31',
      consentAsOf: '2026-11-01T08:00:00.000Z',
    },
    visibleAt: Date.parse('2026-11-20T12:00:01Z'),
  });
}

describe('a stored answer', () => {
  it('above the minimum cohort says the noised number with all that it takes to judge it', () => {
    const answer = answerFor(50_000n);
    // 10 sigma to either side: missed once in 10^22 runs.
    expect(Math.abs((answer.value ?? 0) - 50_000)).toBeLessThan(1_000);
    const [low, high] = answer.interval95 ?? [0, 0];
    expect([(answer.value ?? 0) - low, high - (answer.value ?? 0)]).toEqual([196, 196]);
    expect(answer).toMatchObject({
      verdict: 'RELEASED',
      reason: null,
      sigma: 100,
      nanoRho: 50_000,
      rho: 0.00005,
      k: 1_000,
      tau: 1_475,
      beta: 1e-6,
      dataVersion: 12,
      dataThrough: '2026-10-31',
      consentAsOf: '2026-11-01T08:00:00.000Z',
      releasedAt: '2026-11-20T12:00:01.000Z',
      purposes: ['audience_measurement', 'direct_marketing_email'],
    });
  });

  it('below it says that, at the same price, and no number that depends on the count', () => {
    const [nobody, few] = [answerFor(0n), answerFor(400n)];
    expect(nobody).toMatchObject({
      verdict: 'SUPPRESSED',
      reason: 'BELOW_MINIMUM_COHORT',
      value: null,
      interval95: null,
    });
    expect(few).toEqual(nobody);
    expect(nobody.nanoRho).toBe(answerFor(50_000n).nanoRho);
  });

  it('has the same members in the same order whatever the verdict', () => {
    expect(Object.keys(answerFor(0n))).toEqual(Object.keys(answerFor(50_000n)));
  });
});

describe('an exact JSON number', () => {
  it('is refused where doubles would round it', () => {
    expect(safeNumber(9_007_199_254_740_991n)).toBe(9_007_199_254_740_991);
    expect(() => safeNumber(9_007_199_254_740_992n)).toThrow(RangeError);
  });
});
