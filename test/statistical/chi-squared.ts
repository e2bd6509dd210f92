const MAX_TERMS = 10_000;
const PRECISION = 1e-15;

/** ln Γ(a), a > 0. Stirling's series after the recurrence has carried a beyond 10; relative error below 10⁻¹³. */
function logGamma(a: number): number {
  let shift = 0;
  let x = a;
  for (; x < 10; x += 1) shift += Math.log(x);
  const series = 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5) - 1 / (1680 * x ** 7) + 1 / (1188 * x ** 9);
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series - shift;
}

/** P(a, x) by its power series, for x < a + 1. Abramowitz and Stegun 6.5.29. */
function lowerSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < MAX_TERMS && term > sum * PRECISION; n += 1) {
    term *= x / (a + n);
    sum += term;
  }
  return sum * Math.exp(a * Math.log(x) - x - logGamma(a));
}

/** Q(a, x) by its continued fraction (Lentz), for x ≥ a + 1. Abramowitz and Stegun 6.5.31. */
function upperFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = Infinity;
  let d = 1 / b;
  let h = d;
  for (let n = 1; n < MAX_TERMS; n += 1) {
    const an = n * (a - n);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    const step = c * d;
    h *= step;
    if (Math.abs(step - 1) < PRECISION) break;
  }
  return h * Math.exp(a * Math.log(x) - x - logGamma(a));
}

/**
 * Pr[χ² ≥ statistic] for the χ² law: the regularised incomplete gamma function Q(degrees/2, statistic/2).
 * @param statistic ≥ 0. @param degrees degrees of freedom, ≥ 1.
 */
export function chiSquaredPValue(statistic: number, degrees: number): number {
  const [a, x] = [degrees / 2, statistic / 2];
  if (x === 0) return 1;
  return x < a + 1 ? 1 - lowerSeries(a, x) : upperFraction(a, x);
}
