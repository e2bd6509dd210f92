import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Precision } from '../../src/releases/precision.ts';

/** What `brand-program.ts` is told, as JSON in its first argument. */
export interface BrandOrders {
  /** Members of the retailer, all of whom every question counts. */
  readonly members: number;
  readonly questions: number;
  /** Questions under way at once. */
  readonly width: number;
  readonly precision: Precision;
  readonly slotMs: number;
  /** Seed of the noise: which draws are used does not depend on the order in which the questions arrive. */
  readonly seed: string;
  /**
   * `twice`: the query counts members above `twiceAbove` two times. `silent`: the noise is always 0. `telling`: the
   * larger the noise, the longer it takes to draw.
   */
  readonly fault?: 'twice' | 'silent' | 'telling';
  readonly twiceAbove?: number;
}

/** One answer as its reader sees it. */
export interface ReadAnswer {
  readonly releaseId: string;
  readonly value: number;
  readonly nanoRho: number;
  readonly replayed: boolean;
  /** From the request to the whole answer. */
  readonly milliseconds: number;
}

export interface Transcript {
  readonly answers: readonly ReadAnswer[];
  /** What the brand's budget says it was charged in all, nano-ρ. */
  readonly charged: number;
}

/**
 * A brand that asks so many distinct questions, and the service it asks, in a process of their own: there they are twice
 * as fast as inside Jest, and two brands use two cores.
 *
 * @throws Error with what the process said, when it could not do it.
 */
export async function brandAtWork(orders: BrandOrders): Promise<Transcript> {
  const loader = join(import.meta.dirname, '../ledger/load-typescript.ts');
  const program = join(import.meta.dirname, 'brand-program.ts');
  const child = spawn(
    process.execPath,
    [
      '--conditions=source',
      '--disable-warning=ExperimentalWarning',
      '--import',
      loader,
      program,
      JSON.stringify(orders),
    ],
    // Its standard input ends with this process, and it with that.
    { env: { ...process.env, NODE_OPTIONS: '' }, stdio: ['pipe', 'pipe', 'pipe'] },
  );
  const [output, complaints] = [child.stdout, child.stderr].map((stream) => stream.setEncoding('utf8').toArray());
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const said = ((await output) ?? []).join('');
  if (code !== 0) throw new Error(`the brand ended with ${code}: ${((await complaints) ?? []).join('')}`);
  return JSON.parse(said) as Transcript;
}
