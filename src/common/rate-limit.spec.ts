import fc from 'fast-check';
import { clientNetwork, describeState, gcraSpacing, gcraStep, rateLimitHeaders } from './rate-limit.ts';
import type { RateLimitPolicy } from './rate-limit.ts';

const policies = fc.record({
  name: fc.constant('default'),
  quota: fc.integer({ min: 1, max: 50 }),
  windowSeconds: fc.integer({ min: 1, max: 3_600 }),
});
/** Time between requests, microseconds: bursts, steady rates and pauses. */
const gaps = fc.array(
  fc.oneof(fc.constant(0), fc.integer({ max: 3_000_000, min: 0 }), fc.integer({ max: 4e9, min: 0 })),
  {
    maxLength: 200,
  },
);
const START = 1_772_323_200_000_000;

/** Instants, and whether each was allowed. */
function play(policy: RateLimitPolicy, waits: readonly number[]): { at: number; allowed: boolean }[] {
  const spacing = gcraSpacing(policy);
  let tat: number | undefined;
  let at = START;
  return waits.map((wait) => {
    at += wait;
    const step = gcraStep(tat, at, spacing);
    tat = step.tatMicros;
    return { at, allowed: step.allowed };
  });
}

describe('GCRA', () => {
  it('allows in any span at most the quota and what the span refills', () => {
    fc.assert(
      fc.property(policies, gaps, (policy, waits) => {
        const { intervalMicros } = gcraSpacing(policy);
        const allowed = play(policy, waits).filter((request) => request.allowed);
        for (let i = 0; i < allowed.length; i++) {
          for (let j = i; j < allowed.length; j++) {
            const refilled = Math.floor((allowed[j]!.at - allowed[i]!.at) / intervalMicros);
            expect(j - i + 1).toBeLessThanOrEqual(policy.quota + refilled);
          }
        }
      }),
    );
  });

  it('never refuses a caller who keeps to one request an interval', () => {
    fc.assert(
      fc.property(policies, fc.array(fc.integer({ min: 0, max: 1e9 }), { maxLength: 100 }), (policy, extra) => {
        const { intervalMicros } = gcraSpacing(policy);
        expect(
          play(
            policy,
            extra.map((more) => intervalMicros + more),
          ).every(({ allowed }) => allowed),
        ).toBe(true);
      }),
    );
  });

  it('allows a whole quota at once, and then none until the time it says', () => {
    fc.assert(
      fc.property(policies, (policy) => {
        const spacing = gcraSpacing(policy);
        const burst = play(
          policy,
          Array.from({ length: policy.quota + 1 }, () => 0),
        );
        expect(burst.map(({ allowed }) => allowed)).toEqual([...Array<boolean>(policy.quota).fill(true), false]);
        const full = { allowed: false, tatMicros: START + spacing.burstMicros };
        const { retryAfterSeconds, remaining } = describeState(full, START, spacing);
        expect(remaining).toBe(0);
        expect(gcraStep(full.tatMicros, START + retryAfterSeconds * 1_000_000, spacing).allowed).toBe(true);
        expect(gcraStep(full.tatMicros, START + spacing.intervalMicros - 1, spacing).allowed).toBe(false);
      }),
    );
  });

  it('tells as remaining exactly how many would be allowed now', () => {
    fc.assert(
      fc.property(policies, fc.integer({ min: -1e9, max: 4e9 }), (policy, ahead) => {
        const spacing = gcraSpacing(policy);
        let tatMicros = START + Math.min(ahead, spacing.burstMicros);
        const { remaining, retryAfterSeconds } = describeState({ allowed: true, tatMicros }, START, spacing);
        let taken = 0;
        for (let step = gcraStep(tatMicros, START, spacing); step.allowed; step = gcraStep(tatMicros, START, spacing)) {
          taken += 1;
          tatMicros = step.tatMicros;
        }
        expect(taken).toBe(remaining);
        expect(retryAfterSeconds === 0).toBe(remaining > 0);
      }),
    );
  });

  it('writes the headers of draft 10', () => {
    const decision = { allowed: true, remaining: 249, resetSeconds: 1, retryAfterSeconds: 0 };
    expect(rateLimitHeaders({ name: 'default', quota: 250, windowSeconds: 60 }, decision)).toEqual({
      'RateLimit-Policy': '"default";q=250;w=60',
      RateLimit: '"default";r=249;t=1',
    });
  });
});

describe('clientNetwork', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:0:12:aaaa::1', '2001:db8:0:12::/64'],
    ['2001:0DB8:0000:0012:bbbb:0:0:2', '2001:db8:0:12::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['', ''],
  ])('takes %s for %s', (address, network) => {
    expect(clientNetwork(address)).toBe(network);
  });
});
