/** A law on the integers −reach … reach, tabled. */
export interface TabledLaw {
  readonly reach: number;
  /** Pr[Z = x] at index x + reach. */
  readonly probabilities: Float64Array;
}

/** 9σ on either side hold all but 10⁻¹⁸ of the law. */
const REACH_IN_SIGMAS = 9;

/** The discrete Gaussian law from its definition, Pr[Z = x] = exp(−x²/2σ²) / Σ exp(−x²/2σ²). */
export function discreteGaussianLaw(variance: number): TabledLaw {
  const reach = Math.ceil(REACH_IN_SIGMAS * Math.sqrt(variance)) + 2;
  const probabilities = Float64Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * variance)),
  );
  const total = probabilities.reduce((sum, p) => sum + p, 0);
  return { reach, probabilities: probabilities.map((p) => p / total) };
}

/** The expectation of f(Z). */
export function expectation({ reach, probabilities }: TabledLaw, f: (x: number) => number): number {
  return probabilities.reduce((sum, p, i) => sum + p * f(i - reach), 0);
}
