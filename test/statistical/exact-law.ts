const { abs, exp } = Math;

/** A law on the integers −reach … reach, tabled. */
export interface TabledLaw {
  readonly reach: number;
  /** Pr[Z = x] at index x + reach. */
  readonly probabilities: Float64Array;
}

/** 9σ on either side hold all but 10⁻¹⁸ of the Gaussian. */
const GAUSSIAN_REACH = 9;
/** 42 scales on either side hold all but 10⁻¹⁸ of the Laplace law. */
const LAPLACE_REACH = 42;

function tabled(reach: number, weight: (x: number) => number): TabledLaw {
  const probabilities = Float64Array.from({ length: 2 * reach + 1 }, (_, i) => weight(i - reach));
  const total = probabilities.reduce((sum, p) => sum + p, 0);
  return { reach, probabilities: probabilities.map((p) => p / total) };
}

/** The discrete Gaussian law from its definition, Pr[Z = x] = exp(−x²/2σ²) / Σ exp(−x²/2σ²). */
export function discreteGaussianLaw(variance: number): TabledLaw {
  return tabled(Math.ceil(GAUSSIAN_REACH * Math.sqrt(variance)) + 2, (x) => exp(-(x ** 2) / (2 * variance)));
}

/** The discrete Laplace law from its definition, Pr[Z = x] = exp(−|x|/scale) / Σ exp(−|x|/scale). */
export function discreteLaplaceLaw(scale: number): TabledLaw {
  return tabled(LAPLACE_REACH * scale, (x) => exp(-abs(x) / scale));
}

/** The expectation of f(Z). */
export function expectation({ reach, probabilities }: TabledLaw, f: (x: number) => number): number {
  return probabilities.reduce((sum, p, i) => sum + p * f(i - reach), 0);
}
