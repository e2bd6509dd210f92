import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { PURPOSES } from '#core';
import { IdentifierKey, WarehouseLoader } from '#warehouse';
import type { DuckDbResources } from '#warehouse';
import { Baskets, LINE_COLUMNS } from './baskets.ts';
import { dayOf, historyFrom, monthSlices } from './calendar.ts';
import { CONSENT_COLUMNS, CONSENT_SOURCES, CONSENT_TEXTS, Consents } from './consents.ts';
import { IntegerBatch } from './integer-batch.ts';
import { demoLoyaltyNumber } from './loyalty-number.ts';
import { demoMembers } from './members.ts';
import type { DemoMembers, DemoPlan } from './members.ts';
import { writeReferenceData } from './reference-data.ts';
import { demoWorld } from './world.ts';
import type { DemoWorld } from './world.ts';

export interface DemoProgress {
  readonly stage: 'members' | 'lines' | 'finishing';
  /** Of the whole, 0 to 1; never falls, and is 1 once at the end. */
  readonly fraction: number;
}

export interface DemoRetailerOptions {
  /** The warehouse file to make. It is there, whole, only once the promise has resolved. */
  readonly path: string;
  /** 1 to 50,000,000. Default 100,000. */
  readonly members?: number;
  /** 32-bit integer. */
  readonly seed: number;
  /** Keys the loyalty numbers at rest; at least 32 bytes. */
  readonly pepper: Buffer;
  readonly pepperVersion: number;
  /** Last business day, `YYYY-MM-DD`; the 24 months up to it are filled. */
  readonly dataThrough: string;
  readonly resources?: DuckDbResources;
  readonly onProgress?: (progress: DemoProgress) => void;
  /** Aborted: the build stops, what was built is removed and the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

const MEMBERS_DEFAULT = 100_000;
const MEMBERS_MAX = 50_000_000;
const MEMBERS_SHARE = 0.15;
const LINES_SHARE = 0.97;
const BATCH_MEMBERS = 4_096;

const MEMBER_COLUMNS = ['member_id', 'country', 'region_id', 'store_id', 'tier', 'joined_day', 'flags', 'changed_at'];

/**
 * Makes a warehouse file of an invented retailer: members with consent, a catalogue, 24 months of baskets.
 *
 * The rows depend on seed, members and dataThrough alone: not on the machine, its threads or its memory. Memory stays
 * bounded: lines are made and sorted one month at a time.
 *
 * @throws RangeError for options out of range.
 * @throws DomainError `warehouse-unavailable` when another process is building the same file.
 */
export async function buildDemoRetailer(options: DemoRetailerOptions): Promise<void> {
  const { path, seed, dataThrough, resources, signal } = options;
  const plan = checkPlan({ seed, dataThrough, members: options.members ?? MEMBERS_DEFAULT });
  const identifierKey = new IdentifierKey(options.pepper, options.pepperVersion);
  signal?.throwIfAborted();
  const loader = await WarehouseLoader.create({ ...resources, path, identifierKey });
  try {
    await new RetailerBuild(loader, plan, options).run();
  } catch (error) {
    loader.abandon();
    throw error;
  }
}

function checkPlan(plan: DemoPlan): DemoPlan {
  if (!Number.isInteger(plan.members) || plan.members < 1 || plan.members > MEMBERS_MAX) {
    throw new RangeError(`members must be an integer from 1 to ${MEMBERS_MAX}, not ${plan.members}`);
  }
  if (!/^\d{4}-\d\d-\d\d$/.test(plan.dataThrough) || Number.isNaN(dayOf(plan.dataThrough))) {
    throw new RangeError(`dataThrough must be a date YYYY-MM-DD, not ${plan.dataThrough}`);
  }
  return plan;
}

class RetailerBuild {
  readonly #loader: WarehouseLoader;
  readonly #plan: DemoPlan;
  readonly #options: DemoRetailerOptions;
  readonly #world: DemoWorld = demoWorld();
  readonly #members: DemoMembers;

  constructor(loader: WarehouseLoader, plan: DemoPlan, options: DemoRetailerOptions) {
    this.#loader = loader;
    this.#plan = plan;
    this.#options = options;
    this.#members = demoMembers(plan, this.#world);
  }

  async run(): Promise<void> {
    await this.#report('members', 0);
    await writeReferenceData(this.#loader, this.#world);
    await this.#writeMembers();
    await this.#writeLines();
    await this.#report('finishing', LINES_SHARE);
    await this.#finish();
    this.#options.onProgress?.({ stage: 'finishing', fraction: 1 });
  }

  /** Members, their keyed loyalty numbers and their consent. */
  async #writeMembers(): Promise<void> {
    await this.#stage('staged_member', MEMBER_COLUMNS);
    await this.#stage('staged_consent', CONSENT_COLUMNS);
    const consents = new Consents(this.#plan, this.#members);
    for (let from = 0; from < this.#members.count; from += BATCH_MEMBERS) {
      await this.#stageMembers(consents, from, Math.min(from + BATCH_MEMBERS, this.#members.count));
      await this.#report('members', (MEMBERS_SHARE * from) / this.#members.count);
    }
    const codes = this.#world.countries.map(({ country }) => country);
    await this.#loader.run(
      `INSERT INTO member SELECT member_id, ${oneOf(codes, 'country')} AS country, region_id, store_id, tier,
         ${dayOfColumn('joined_day')}, ${PURPOSES.map((_, bit) => `flags & ${1 << bit} <> 0`).join(', ')},
         CASE WHEN changed_at >= 0 THEN make_timestamp(changed_at * 1000000::BIGINT) END
       FROM staged_member ORDER BY country, region_id, member_id`,
    );
    await this.#loader.run(
      `INSERT INTO consent_event SELECT c.member_id, ${oneOf(codes, 'm.country')}, ${oneOf(PURPOSES, 'purpose')},
         CASE WHEN granted = 1 THEN 'granted' ELSE 'withdrawn' END, ${oneOf(CONSENT_SOURCES, 'source')},
         ${oneOf(
           CONSENT_TEXTS.map(({ version }) => version),
           'text_version',
         )}, make_timestamp(said_at * 1000000::BIGINT),
         make_timestamp(said_at * 1000000::BIGINT)
       FROM staged_consent c JOIN staged_member m USING (member_id) ORDER BY member_id, purpose, said_at`,
    );
    await this.#loader.run('DROP TABLE staged_member');
    await this.#loader.run('DROP TABLE staged_consent');
  }

  async #stageMembers(consents: Consents, from: number, to: number): Promise<void> {
    const rows = new IntegerBatch(MEMBER_COLUMNS.length, to - from);
    const events = new IntegerBatch(CONSENT_COLUMNS.length, (to - from) * PURPOSES.length * 3);
    const memberIds: number[] = [];
    const digests: Buffer[] = [];
    const { country, regionId, homeStoreId, tier, joinedDay } = this.#members;
    for (let index = from; index < to; index++) {
      const consent = consents.of(index);
      for (const event of consent.events) events.add(event);
      const place = [country[index] ?? 0, regionId[index] ?? 0, homeStoreId[index] ?? 0];
      rows.add([index + 1, ...place, tier[index] ?? 0, joinedDay[index] ?? 0, consent.flags, consent.changedAt]);
      memberIds.push(index + 1);
      digests.push(
        createHash('sha256')
          .update(demoLoyaltyNumber(this.#plan.seed, index + 1))
          .digest(),
      );
    }
    await this.#loader.appendIntegers('staged_member', rows.columns, rows.rows);
    await this.#loader.appendIntegers('staged_consent', events.columns, events.rows);
    await this.#loader.appendMemberKeys(memberIds, digests);
  }

  async #writeLines(): Promise<void> {
    const months = monthSlices(historyFrom(this.#plan.dataThrough), this.#plan.dataThrough);
    const baskets = new Baskets(this.#plan, this.#world, this.#members);
    for (const month of months) {
      await this.#stage('staged_line', LINE_COLUMNS);
      for (const { batch, membersDone } of baskets.month(month)) {
        await this.#loader.appendIntegers('staged_line', batch.columns, batch.rows);
        // Half of a month's time is for making its lines, half for sorting and writing them.
        const monthsDone = month.index + (0.5 * membersDone) / this.#members.count;
        await this.#report('lines', MEMBERS_SHARE + (LINES_SHARE - MEMBERS_SHARE) * (monthsDone / months.length));
      }
      await this.#loader.addLines(
        `SELECT s.country, ${dayOfColumn('l.day')} AS day, l.member_id, l.member_id * 1024::BIGINT + l.basket_no AS basket_id,
           l.line_no, l.store_id, l.channel, l.product_id, p.category_id, p.brand_id, l.quantity, l.net_cents
         FROM staged_line l JOIN product p USING (product_id) JOIN store s ON s.store_id = l.store_id`,
      );
    }
  }

  #finish(): Promise<void> {
    const { dataThrough, seed, members } = this.#plan;
    const loaded = { dataThrough, historyFrom: historyFrom(dataThrough), consentAsOf: `${dataThrough}T23:59:59.999Z` };
    return this.#loader.finish(
      this.#world.countries.map(({ country }) => ({ country, ...loaded })),
      { demo_seed: String(seed), demo_members: String(members) },
    );
  }

  /** An empty temporary table of integers. */
  async #stage(name: string, columns: readonly string[]): Promise<void> {
    const list = columns.map((column) => `${column} INTEGER`).join(', ');
    await this.#loader.run(`CREATE OR REPLACE TEMP TABLE ${name} (${list})`);
  }

  /** Tells the progress, lets other work of the process run, and stops when asked to. */
  async #report(stage: DemoProgress['stage'], fraction: number): Promise<void> {
    this.#options.onProgress?.({ stage, fraction });
    await setImmediate();
    this.#options.signal?.throwIfAborted();
  }
}

/** The text at a position, counted from 0, of a list of our own codes. */
const oneOf = (codes: readonly string[], position: string): string =>
  `[${codes.map((code) => `'${code}'`).join(', ')}][${position} + 1]`;

const dayOfColumn = (column: string): string => `DATE '1970-01-01' + ${column}`;
