import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseConnection } from '../../src/database/connection.ts';
import { migrate } from '../../src/database/migrate.ts';
import { Program, eventually } from '../process/processes.ts';
import { HighWaterFolder } from '../../src/releases/high-water-folder.ts';
import { MARK_KEY, openBrands, openGate } from './gate.ts';
import type { Gate } from './gate.ts';
import type { ReceivedAnswer, SpenderLine, SpenderOrders } from './spender.ts';

export type Victim = 'service' | 'server' | 'both';

const OWNER = join(import.meta.dirname, '../harness/postgres-owner.ts');
const SPENDER = join(import.meta.dirname, 'spender.ts');
const LOADER = join(import.meta.dirname, 'load-typescript.ts');
const LEASE_MS = 1_000;
/** How far the questions of one life of the service lie from those of the one before; half of them are the same. */
const STEP = 100;
const PROGRESS_MS = 60_000;

/** A durable PostgreSQL server and a service that spends on it without pause, each of which can be killed. */
export class MortalSystem {
  /** Every answer that a client was given, in any life. */
  readonly received: ReceivedAnswer[] = [];
  /** What a service said that took its database for a restored backup, in any life. */
  readonly alarms: string[] = [];
  kills = 0;
  readonly #variant: SpenderOrders['variant'];
  readonly #folder: string;
  #owner: Program | undefined;
  #spender: Program | undefined;
  #server: { connection: DatabaseConnection; pid: number } | undefined;
  #brands: readonly string[] = [];
  #lives = 0;
  #awaited: { readonly total: number; readonly resolve: () => void } | undefined;

  private constructor(variant: SpenderOrders['variant'], folder: string) {
    this.#variant = variant;
    this.#folder = folder;
  }

  static async start(variant: SpenderOrders['variant']): Promise<MortalSystem> {
    const system = new MortalSystem(variant, await mkdtemp(join(tmpdir(), 'haven-crash-')));
    await system.#startServer();
    await migrate(system.connection);
    const gate = await system.openGate();
    system.#brands = await openBrands(gate.source.manager, 3);
    await gate.close();
    system.#startService();
    return system;
  }

  get connection(): DatabaseConnection {
    if (this.#server === undefined) throw new Error('the server is not started');
    return this.#server.connection;
  }

  get brands(): readonly string[] {
    return this.#brands;
  }

  /** Kills with SIGKILL at the moment some answer is received, one of the next sixty by chance, and starts again what was killed. */
  async kill(victim: Victim): Promise<void> {
    await this.#moreAnswers(randomInt(5, 60));
    if (victim !== 'service') await this.#killServer();
    if (victim !== 'server') await this.#spender?.kill('SIGKILL');
    this.kills += victim === 'both' ? 2 : 1;
    if (victim !== 'service') await this.#startServer();
    if (victim !== 'server') this.#startService();
  }

  /** Kills the service for good. */
  async endService(): Promise<void> {
    await this.#moreAnswers(1);
    await this.#spender?.kill('SIGKILL');
  }

  /** How many charges the marks on disk have. */
  async marked(): Promise<bigint> {
    const files = await new HighWaterFolder(this.#marks(), MARK_KEY).read();
    const charges = files.map((file) => ('mark' in file ? (file.mark.totals.get('global:FR')?.charges ?? 0n) : 0n));
    return charges.reduce((most, one) => (one > most ? one : most), 0n);
  }

  /** Settles what the service left behind once its leases have ended. */
  async settle(): Promise<Gate> {
    const gate = await this.openGate();
    await eventually('every release is settled', 30_000, async () => {
      await gate.settlement.reap();
      const open = await gate.source.query<unknown[]>(`SELECT 1 FROM release WHERE state IN ('reserved', 'running')`);
      return open.length === 0;
    });
    return gate;
  }

  async openGate(): Promise<Gate> {
    const marks = new HighWaterFolder(this.#marks(), MARK_KEY);
    return await openGate({ connection: this.connection, leaseMs: LEASE_MS, marks });
  }

  #marks(): string {
    return join(this.#folder, 'marks');
  }

  async stop(): Promise<void> {
    await this.#spender?.kill('SIGKILL');
    this.#owner?.child.stdin?.end();
    await this.#owner?.ended();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #startServer(): Promise<void> {
    this.#owner = new Program(process.execPath, ['--conditions=source', OWNER, this.#folder]);
    const answer = JSON.parse(await this.#owner.line()) as {
      connection: DatabaseConnection;
      pid: number;
      error?: string;
    };
    if (answer.error !== undefined) throw new Error(answer.error);
    this.#server = answer;
  }

  async #killServer(): Promise<void> {
    if (this.#server !== undefined) process.kill(this.#server.pid, 'SIGKILL');
    await this.#owner?.kill('SIGKILL');
  }

  #startService(): void {
    const orders: SpenderOrders = {
      connection: this.connection,
      brands: this.#brands,
      from: STEP * this.#lives++,
      leaseMs: LEASE_MS,
      marks: this.#marks(),
      variant: this.#variant,
    };
    const flags = ['--conditions=source', '--import', LOADER];
    this.#spender = new Program(process.execPath, [...flags, SPENDER, JSON.stringify(orders)]);
    void this.#listen(this.#spender);
  }

  /** A line that was cut short by death was not received. */
  async #listen(spender: Program): Promise<void> {
    for (;;) {
      const line = await spender.line().catch(() => undefined);
      if (line === undefined) return;
      try {
        const said = JSON.parse(line) as SpenderLine;
        if ('alarm' in said) {
          this.alarms.push(said.alarm);
          continue;
        }
        const total = this.received.push(said);
        if (total === this.#awaited?.total) this.#awaited.resolve();
      } catch {
        return;
      }
    }
  }

  /** Resolves with the very answer that makes so many more. */
  async #moreAnswers(count: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#awaited = { total: this.received.length + count, resolve };
    const timer = setTimeout(
      () => reject(new Error(`not within ${PROGRESS_MS} ms: ${count} more answers`)),
      PROGRESS_MS,
    );
    await promise.finally(() => clearTimeout(timer));
  }
}
