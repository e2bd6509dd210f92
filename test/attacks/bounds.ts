import { tailProbability } from '../../libs/privacy/tails.ts';

/** Standard deviation of the noise on a standard size, members. All attacks ask for that one. */
export const SIGMA = 100;
const VARIANCE = SIGMA ** 2;
/** Price of one standard size: ρ = 1/2σ², in nano-ρ. Worked out here, not read from the product. */
export const READ = 1e9 / (2 * VARIANCE);

const lawOfSum = (draws: number) => ({ num: BigInt(draws * VARIANCE), den: 1n });

/** Answers that a loss pays for; a part of one counts whole. */
const drawsIn = (nanoRho: number): number => Math.ceil(nanoRho / READ);

/** Pr[from ≤ S < to] for the sum S of so many draws of N_Z(0, σ²). */
function within(draws: number, from: number, to: number): number {
  const law = lawOfSum(draws);
  return tailProbability(law, BigInt(from)) - tailProbability(law, BigInt(to));
}

/**
 * The most by which any test for one member can do better than a coin, true positives less false positives, after
 * answers that cost this much, chosen one after the other as the attacker likes.
 *
 * One answer about a count that the member changes by at most one is dominated by the pair N_Z(0, σ²), N_Z(1, σ²), and
 * products of dominating pairs dominate adaptive compositions (Zhu, Dong, Wang 2022, arXiv 2106.08567). The sum of n
 * draws is sufficient for the product, and its law is N_Z(0, nσ²) up to some exp(−π²σ²), which is below any double. So
 * the advantage is the largest mass of n integers in a row. In Gaussian terms: 2Φ(√(2ρ)/2) − 1.
 */
export function advantage(nanoRho: number): number {
  const draws = drawsIn(nanoRho);
  if (draws === 0) return 0;
  const from = -Math.floor(draws / 2);
  return within(draws, from, from + draws);
}

/** The best accuracy at guessing one fair bit about one member. */
export const accuracyAfter = (nanoRho: number): number => 0.5 + advantage(nanoRho) / 2;

/**
 * The best chance of naming a count to within ± `width` after answers about it that cost this much. To whoever holds
 * every size for equally likely beforehand, the 2·width + 1 likeliest ones surround the mean of all answers, whose
 * variance is 1/2ρ; so its rounding cannot be beaten.
 */
export function hitAfter(nanoRho: number, width: number): number {
  const draws = drawsIn(nanoRho);
  if (draws === 0) return 0;
  const reach = Math.floor(draws * (width + 0.5));
  return within(draws, -reach, reach + 1);
}

/** The chance that the sum of so many draws lies within ± `width`. */
export const sumWithin = (draws: number, width: number): number => within(draws, -width, width + 1);

/**
 * The largest number of right guesses that is no proof of a chance above `p`: more come with a probability of at most
 * `odds`. Holds for guesses made one after the other whose chance never exceeds `p`, whatever came before: their number
 * is then stochastically below the binomial.
 */
export function ceilingOf(trials: number, p: number, odds: number): number {
  if (p <= 0) return 0;
  let more = trials;
  let logTerm = trials * Math.log(p);
  // Pr[X ≥ more] grows as `more` falls; the first one that is too likely is still no proof.
  for (let tail = Math.exp(logTerm); tail <= odds && more > 0; tail += Math.exp(logTerm)) {
    logTerm += Math.log(more / (trials - more + 1)) + Math.log1p(-p) - Math.log(p);
    more -= 1;
  }
  return more;
}
