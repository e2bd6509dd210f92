import type { Bench, BenchOptions, Figure } from './bench.ts';
import { measuredErrors } from './utility-measure.ts';
import { STATEMENTS, deviation } from './utility-statement.ts';

/** Deviations of a measured error: 0.71 %, and 0.91 % of a curve's. */
const REPETITIONS = { vectors: 10_000, curves: 6_000 };
const NANO_RHO_PER_RHO = 1e9;

async function run({ progress }: BenchOptions): Promise<Figure[]> {
  const figures: Figure[] = [];
  const deviations: number[] = [];
  for (const statement of STATEMENTS) {
    const report = `${statement.size} ρ=${Number(statement.nanoRho) / NANO_RHO_PER_RHO}`;
    for (const [figure, measured] of measuredErrors(statement, REPETITIONS)) {
      const stated = statement.errors[figure] ?? '';
      const off = deviation(measured, stated);
      deviations.push(off);
      progress(
        `${report} ${figure}: stated ${stated}, measured ${measured.toPrecision(4)}, off ${(100 * off).toFixed(1)} %`,
      );
      figures.push({ name: `${report} ${figure}`, value: measured, note: `stated ${stated}` });
    }
  }
  return [
    {
      name: 'maxDeviation',
      value: Math.max(...deviations),
      hold: { atMost: 0.05 },
      note: 'largest relative distance of a figure below from the numbers that round to the stated one',
    },
    ...figures,
  ];
}

export const utility: Bench = {
  name: 'utility',
  about:
    'Errors of campaign reports of 1 M (L), 300 k (M) and 50 k (S) members: root mean square over 10,000 seeded releases (curves 6,000), beside what the design states.',
  run,
};
