import { tailProbability } from '../../libs/privacy/tails.ts';
import { clopperPearson } from './binomial-bounds.ts';

export interface AuditRules {
  /** Fixed before any answer is seen. */
  readonly thresholds: readonly number[];
  readonly delta: number;
  /** Probability at most that any of the bounds is wrong. */
  readonly alpha: number;
}

/** What the answers about two databases prove, whatever the mechanism is. */
export interface LowerBounds {
  /** No (ε, δ) with a smaller ε holds between the two. */
  readonly epsilon: number;
  /** The claimed noise hides no smaller difference of members as badly as this. */
  readonly members: bigint;
}

/** Bounds of a probability. */
interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * An audit from outside: how unlike the answers about two databases are in the events {answer ≥ t} and their
 * complements, which tell shifted Gaussians apart best (Neyman, Pearson).
 *
 * Exact bounds of all the probabilities hold together with probability 1 − α, by the union bound over the thresholds.
 * With that confidence the result is at most what the mechanism truly loses: above the claim, it refutes it.
 *
 * @param larger answers about the larger database.
 * @param nanoRho what the ledger charged for one member: the claim is noise of N_Z(0, 1/2ρ).
 */
export function lowerBounds(
  larger: readonly number[],
  smaller: readonly number[],
  nanoRho: bigint,
  { thresholds, delta, alpha }: AuditRules,
): LowerBounds {
  // Two bounds for each database and threshold.
  const each = alpha / (4 * thresholds.length);
  const [ps, qs] = [larger, smaller].map((answers) => shares(answers, thresholds, each));
  const pairs = thresholds.map((_, index) => [ps?.[index] ?? NOTHING, qs?.[index] ?? NOTHING] as const);
  const losses = pairs.flatMap(([p, q]) => [loss(p, q, delta), loss(q, p, delta)]);
  const complements = pairs.flatMap(([p, q]) => [loss(not(p), not(q), delta), loss(not(q), not(p), delta)]);
  const shifts = pairs.map(([p, q]) => leastShift(p.low, q.high, nanoRho));
  return {
    epsilon: Math.max(...losses, ...complements),
    members: shifts.reduce((most, shift) => (shift > most ? shift : most), 0n),
  };
}

const NOTHING: Interval = { low: 0, high: 1 };

const not = ({ low, high }: Interval): Interval => ({ low: 1 - high, high: 1 - low });

/** Bounds of Pr[answer ≥ t] for each threshold. */
function shares(answers: readonly number[], thresholds: readonly number[], alpha: number): Interval[] {
  const { lower, upper } = clopperPearson(answers.length, alpha);
  return thresholds.map((t) => {
    const count = answers.filter((value) => value >= t).length;
    return { low: lower(count), high: upper(count) };
  });
}

/** The ε that an event proves, by Pr[event] ≤ e^ε · Pr′[event] + δ. */
const loss = (likely: Interval, unlikely: Interval, delta: number): number =>
  likely.low > delta ? Math.max(0, Math.log((likely.low - delta) / unlikely.high)) : 0;

/** The fewest members that can move the claimed noise past a threshold with probability p where without them it is q. */
function leastShift(p: number, q: number, nanoRho: bigint): bigint {
  if (p <= q) return 0n;
  const tail = tailOf(nanoRho);
  return firstWhere((t) => tail(t) <= q) - (firstWhere((t) => tail(t) < p) - 1n);
}

const NANO = 1_000_000_000n;
const tails = new Map<bigint, (t: bigint) => number>();

/** The exact tail of the noise that costs so much, ρ = 1/2σ²; each value is worked out once. */
function tailOf(nanoRho: bigint): (t: bigint) => number {
  const known = tails.get(nanoRho);
  if (known !== undefined) return known;
  const values = new Map<bigint, number>();
  const tail = (t: bigint): number => {
    const value = values.get(t) ?? tailProbability({ num: NANO, den: 2n * nanoRho }, t);
    values.set(t, value);
    return value;
  };
  tails.set(nanoRho, tail);
  return tail;
}

/** Noise further out than this is in no sample. */
const FAR = 100_000n;

/** The smallest integer at which a condition holds that holds from there on. */
function firstWhere(holds: (t: bigint) => boolean): bigint {
  let [below, at] = [-FAR, FAR];
  while (at - below > 1n) {
    const middle = (below + at) >> 1n;
    if (holds(middle)) at = middle;
    else below = middle;
  }
  return at;
}

/**
 * The largest distance between the share of answers ≥ t and its exact probability, over all t.
 *
 * With n right answers it passes √(ln(2/α)/2n) with probability α at most (Massart 1990, Annals of Probability 18; it
 * holds for discrete laws too).
 */
export function distanceFromLaw(answers: readonly number[], exact: bigint, nanoRho: bigint): number {
  const tail = tailOf(nanoRho);
  const sorted = answers.toSorted((a, b) => a - b);
  let worst = 0;
  for (const [index, value] of sorted.entries()) {
    // Between answers the share stands still while the tail falls: the worst is at an answer or right after it.
    const [here, after] = [1 - index / sorted.length, 1 - (index + 1) / sorted.length];
    if (value !== sorted[index - 1]) worst = Math.max(worst, Math.abs(here - tail(BigInt(value) - exact)));
    if (value !== sorted[index + 1]) worst = Math.max(worst, Math.abs(after - tail(BigInt(value) - exact + 1n)));
  }
  return worst;
}
