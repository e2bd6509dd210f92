/** The middle of the values, or the mean of the middle two. At least one value. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const high = sorted[Math.floor(sorted.length / 2)];
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  if (low === undefined || high === undefined) throw new RangeError('no values have no median');
  return (low + high) / 2;
}

/** The value that a share of the values do not exceed (nearest rank). At least one value. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new RangeError('no values have no quantile');
  return value;
}

/** CPU milliseconds that this process, all its threads together, spends during the work. */
export async function cpuMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** Milliseconds that pass during the work. */
export async function wallMs(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await work();
  return performance.now() - before;
}

export interface Rounds {
  /** Rounds that count; at least 7 where the median is shown. */
  readonly rounds: number;
  /** Rounds before them that do not. */
  readonly warmUps: number;
}

/**
 * Measures several things in turn, round after round, every other round backwards: what disturbs the machine for a
 * while disturbs all of them alike.
 *
 * @param measures each runs its thing once and gives the measured value.
 * @returns the values of the counted rounds, by name.
 */
export async function interleaved<K extends string>(
  measures: Readonly<Record<K, () => Promise<number>>>,
  { rounds, warmUps }: Rounds,
): Promise<Record<K, number[]>> {
  const names = Object.keys(measures) as K[];
  const values = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<K, number[]>;
  for (let round = -warmUps; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const value = await measures[name]();
      if (round >= 0) values[name].push(value);
    }
  }
  return values;
}
