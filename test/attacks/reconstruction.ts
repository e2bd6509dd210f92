import { MovableClock, RawCount } from '#core';
import { seededRandom } from '../../libs/privacy/testing.ts';
import { createTestDatabase } from '../harness/postgres.ts';
import { readBooks } from '../ledger/books.ts';
import { openBrands, openGate, question, request } from '../ledger/gate.ts';
import type { Gate } from '../ledger/gate.ts';
import type { Against, Attack, Outcome } from './attack.ts';
import { SIGMA, accuracyAfter } from './bounds.ts';
import { Coins } from './coins.ts';
import { leastSquares } from './least-squares.ts';

const BITS = 100;
const QUESTIONS = 125;
/** Brands that attack one after the other, each a hundred bits of its own. */
const ROUNDS = 10;
/** Where nothing protects: enough to win. */
const FEW = 3;
/** Members whom the attacker knows, counted in every question so that none is suppressed. */
const KNOWN = 50_000;
/** Over the base rate: 2.5 deviations of the share of right guesses above what least squares lets expect. */
const MARGIN = 0.05;

/** The size that the brand is told of the known members and so many more. */
type Ask = (number: number, more: number) => Promise<number>;

function asker(gate: Gate, brandId: string, against: Against): Ask {
  return async (number, more) => {
    const exact = KNOWN + more;
    if (against === 'control') return exact;
    const measure = (): Promise<RawCount> => Promise.resolve(new RawCount(BigInt(exact)));
    const { row } = await gate.releases.release(request(question(brandId, number), { measure }));
    const { value } = JSON.parse(row.answer ?? '{}') as { value?: number | null };
    if (value == null) throw new Error(`the release ended ${row.state}, must be shown`);
    return value;
  };
}

/** Right guesses of the bits after so many questions about random halves of them. */
async function reconstruct(ask: Ask, coins: Coins, against: Against): Promise<number> {
  const secrets = Array.from({ length: BITS }, () => (coins.flip() ? 1 : 0));
  const subsets: Float64Array[] = [];
  const sums: number[] = [];
  for (let number = 0; number < QUESTIONS; number += 1) {
    const subset = Float64Array.from(secrets, () => (coins.flip() ? 1 : 0));
    const more = secrets.reduce<number>((sum, secret, index) => sum + secret * subset[index]!, 0);
    subsets.push(subset);
    const halfOfThem = subset.reduce((sum, one) => sum + one / 2, 0);
    sums.push((await ask(number, more)) - KNOWN - halfOfThem);
  }
  // What is solved for is each bit less one half, which lies about 0 with variance ¼.
  const estimates = leastSquares(subsets, sums, against === 'control' ? 0 : 4 * SIGMA ** 2);
  return secrets.filter((secret, index) => (estimates[index]! > 0 ? 1 : 0) === secret).length;
}

async function run(against: Against): Promise<Outcome> {
  const gate = await openGate({
    connection: await createTestDatabase('attack'),
    clock: new MovableClock('2026-11-10T12:00:00Z'),
    random: seededRandom('reconstruction'),
  });
  try {
    const coins = new Coins('reconstruction');
    const brands = await openBrands(gate.source.manager, against === 'product' ? ROUNDS : FEW);
    let successes = 0;
    for (const brandId of brands) successes += await reconstruct(asker(gate, brandId, against), coins, against);
    const { charges } = await readBooks(gate.source.manager);
    const country = charges.filter(({ scope, state }) => scope === 'global:FR' && state === 'committed');
    const trials = BITS * brands.length;
    const above = successes / trials - 0.5;
    return {
      trials,
      successes,
      nanoRhoEach: country.reduce((sum, { nanoRho }) => sum + Number(nanoRho), 0) / brands.length,
      violations: against !== 'control' && above > MARGIN ? ['more than five points above the base rate'] : [],
    };
  } finally {
    await gate.close();
  }
}

export const reconstruction: Attack = {
  name: 'least-squares reconstruction',
  about:
    'Asks 125 questions about random halves of a hundred members, each with a secret bit, and solves for all bits by ' +
    'least squares (Dinur and Nissim 2003). Ten brands in turn.',
  formula: '½ + ½ (2Φ(√(2ρ)/2) − 1)',
  // The guesses of one round share its noise; least squares over random halves makes their errors nearly independent.
  bound: ({ nanoRhoEach }) => accuracyAfter(nanoRhoEach),
  run,
};
