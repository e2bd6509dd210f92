import { checkNanoRho } from './checks.ts';
import { DELTA, NANO_RHO_PER_RHO, epsilonOf, publishedEpsilon } from './zcdp.ts';

/**
 * What is lost to a release, or to many: ρ of zCDP and the probability θ that the executed law is not the analysed one,
 * both as integers so that a ledger adds them exactly.
 */
export interface PrivacyLoss {
  /** Units of 10⁻⁹ ρ, ≥ 0. */
  readonly nanoRho: bigint;
  /** Units of 10⁻³⁰ of probability, ≥ 0. Zero for a mechanism that is executed exactly. */
  readonly quectoTheta: bigint;
}

export const NO_LOSS: PrivacyLoss = Object.freeze({ nanoRho: 0n, quectoTheta: 0n });

/** Units of {@link PrivacyLoss.quectoTheta} in a probability of 1. */
const QUECTO = 1e30;
/** What a signed 64-bit column of a ledger holds: a θ of 9·10⁻¹². */
const MOST_QUECTO_THETA = 2n ** 63n - 1n;

/** Losses add up, also when later releases depend on earlier answers (Feldman and Zrnic 2020, arXiv 2008.11193). */
export function composed(losses: Iterable<PrivacyLoss>): PrivacyLoss {
  let [nanoRho, quectoTheta] = [0n, 0n];
  for (const loss of losses) {
    nanoRho += loss.nanoRho;
    quectoTheta += loss.quectoTheta;
  }
  return { nanoRho, quectoTheta };
}

/**
 * The (ε, δ) to print for a loss: ε of its ρ at δ = 10⁻⁹, rounded up, and δ = 10⁻⁹ + (1 + e^ε)·θ, rounded up to three
 * digits. The second term is what a law at total variation θ from the analysed one costs at either neighbour.
 *
 * @throws DomainError `privacy-parameter` when the loss is negative.
 */
export function publishedGuarantee(loss: PrivacyLoss): { readonly epsilon: number; readonly delta: number } {
  checkNanoRho(loss.quectoTheta);
  const epsilon = publishedEpsilon(loss.nanoRho);
  if (loss.quectoTheta === 0n) return { epsilon, delta: DELTA };
  const delta = DELTA + (1 + Math.exp(epsilon)) * (Number(loss.quectoTheta) / QUECTO);
  return { epsilon, delta: Math.min(1, ceilingToThreeDigits(delta)) };
}

/**
 * The most θ that a cap on ρ leaves room for: so much that δ at most doubles, (1 + e^ε)·θ ≤ 10⁻⁹ for the ε of the cap,
 * and no more than a 64-bit ledger holds.
 *
 * @returns units of 10⁻³⁰, rounded down. @throws DomainError `privacy-parameter`.
 */
export function thetaAllowance(capNanoRho: bigint): bigint {
  checkNanoRho(capNanoRho);
  const epsilon = epsilonOf(Number(capNanoRho) / Number(NANO_RHO_PER_RHO), DELTA);
  const allowance = BigInt(Math.floor((DELTA / (1 + Math.exp(epsilon))) * QUECTO));
  return allowance < MOST_QUECTO_THETA ? allowance : MOST_QUECTO_THETA;
}

function ceilingToThreeDigits(value: number): number {
  const unit = 10 ** (Math.floor(Math.log10(value)) - 2);
  // The quotient of a value that has three digits may lie a rounding above its integer; the excess is far below any θ.
  return Math.ceil(value / unit - 1e-9) * unit;
}
