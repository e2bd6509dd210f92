import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { sha256Hex } from '#core';
import type { SqlParameter } from '#core';
import { DuckDbWarehouse, IdentifierKey, WarehouseLoader, createTables, schema } from '#warehouse';
import type { ConsentEvent } from '#warehouse';
import { Draws, STREAM } from '../../libs/demo/draws.ts';
import { PreparedStatements, integer } from './duckdb-statement.ts';
import { pick, repeat } from './sensitivity-accounts.ts';
import * as shoppers from './sensitivity-shoppers.ts';
import type { Shopper, ShopperLine } from './sensitivity-shoppers.ts';
import type { Answer, Databases, Pair, Statement } from './sensitivity.ts';

const KEY = new IdentifierKey(Buffer.alloc(32, 'key of random databases'), 1);
const RESOURCES = { threads: 2, memoryLimit: '1GB' };

/** Member ids of a database: its number times this, and on. */
const IDS = 100;
const MEMBERS_MIN = 6;
const MEMBERS_MORE = 7;
const HEAVY_EVERY = 50;

/** After the last event of consent. */
const NOW = Date.parse('2025-11-20T00:00:00Z');
const EVENTS = 10_000;

const TABLES_OF_MEMBERS = ['member', 'line', 'brand_day', 'consent_event', 'pii.member_key'];

interface Member extends Shopper {
  readonly id: number;
}

/** Many small databases in one warehouse file, written by the product's loader and its log of consent. */
export class RetailDatabases {
  readonly count: number;
  readonly #members: ReadonlyMap<number, readonly Member[]>;
  readonly #seed: number;
  #folder = '';
  #warehouse: DuckDbWarehouse | undefined;
  #instance: DuckDBInstance | undefined;
  #connection: DuckDBConnection | undefined;
  #statements: PreparedStatements | undefined;

  private constructor(seed: number, count: number) {
    this.#seed = seed;
    this.count = count;
    this.#members = new Map(repeat(count, (index) => [index + 1, membersOf(seed, index + 1)]));
  }

  /** Writes the file and opens it by the product's door, as `warehouse`. */
  static async create(seed: number, count: number): Promise<RetailDatabases> {
    const databases = new RetailDatabases(seed, count);
    await databases.#write();
    return databases;
  }

  /** The file behind the door through which the product counts: every database as one. Until `takeApart`. */
  get warehouse(): DuckDbWarehouse {
    if (this.#warehouse === undefined) throw new RangeError('the file is taken apart');
    return this.#warehouse;
  }

  /** Closes the door and reads the file from the side, one database at a time. */
  async takeApart(): Promise<void> {
    await this.warehouse.close();
    this.#warehouse = undefined;
    this.#instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    this.#connection = await this.#instance.connect();
    for (const sql of createTables('duckdb')) await this.#connection.run(sql);
    await this.#connection.run(`ATTACH '${join(this.#folder, 'retail.duckdb')}' AS loaded (READ_ONLY)`);
    this.#statements = new PreparedStatements(this.#connection);
  }

  /** Makes a database the one that statements see. Its pairs take away the members that are hardest to hide, or all. */
  async load(database: number, removing: 'hard' | 'all' = 'hard'): Promise<LoadedDatabase> {
    const [connection, statements] = [this.#connection, this.#statements];
    if (connection === undefined || statements === undefined) throw new RangeError('the file is not taken apart');
    const ids = integers(database * IDS, (database + 1) * IDS - 1);
    for (const table of TABLES_OF_MEMBERS) {
      await statements.rows({ sql: `DELETE FROM ${table}`, parameters: [] });
      await statements.rows({
        sql: `INSERT INTO ${table} SELECT * FROM loaded.${table} WHERE member_id BETWEEN $p0 AND $p1`,
        parameters: ids,
      });
    }
    const members = this.#members.get(database) ?? [];
    const draws = new Draws(this.#seed).start(STREAM.favourite, database);
    const removed = removing === 'all' ? members.map(({ id }) => id) : hardToHide(members, draws);
    return new LoadedDatabase(
      connection,
      statements,
      removed.map((id) => ({ database, removed: id })),
    );
  }

  async close(): Promise<void> {
    await this.#warehouse?.close();
    this.#statements?.close();
    this.#instance?.closeSync();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #write(): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), 'haven-neighbours-'));
    const path = join(this.#folder, 'retail.duckdb');
    const members = [...this.#members.values()].flat();
    await loadFile(path, members);
    this.#warehouse = await DuckDbWarehouse.open({ path, identifierKey: KEY, ...RESOURCES });
    const events = members.flatMap(eventsOf);
    for (let from = 0; from < events.length; from += EVENTS) {
      await this.#warehouse.recordConsent(events.slice(from, from + EVENTS), NOW);
    }
  }
}

/** One database, whole or without a member. */
export class LoadedDatabase implements Databases {
  readonly pairs: readonly Pair[];
  readonly #connection: DuckDBConnection;
  readonly #statements: PreparedStatements;

  constructor(connection: DuckDBConnection, statements: PreparedStatements, pairs: readonly Pair[]) {
    this.#connection = connection;
    this.#statements = statements;
    this.pairs = pairs;
  }

  async answers(statements: readonly Statement[]): Promise<readonly (readonly Answer[])[]> {
    const whole = await this.#values(statements);
    const without: (readonly Answer['whole'][])[] = [];
    for (const { removed } of this.pairs) without.push(await this.without(removed, () => this.#values(statements)));
    return statements.map((_, statement) =>
      this.pairs.map((__, pair) => ({ whole: whole[statement], without: without[pair]?.[statement] })),
    );
  }

  /** Rows of a statement on what is there now. */
  rows(statement: Statement): Promise<readonly (readonly DuckDBValue[])[]> {
    return this.#statements.rows(statement);
  }

  /** Does something while a member and all their rows are gone. */
  async without<T>(member: number, act: () => Promise<T>): Promise<T> {
    await this.#connection.run('BEGIN');
    try {
      for (const table of TABLES_OF_MEMBERS) {
        await this.rows({ sql: `DELETE FROM ${table} WHERE member_id = $p0`, parameters: integers(member) });
      }
      return await act();
    } finally {
      await this.#connection.run('ROLLBACK');
    }
  }

  async #values(statements: readonly Statement[]): Promise<readonly (readonly bigint[])[]> {
    const values: bigint[][] = [];
    for (const statement of statements) {
      values.push((await this.rows(statement)).map(([value]) => integer(value)));
    }
    return values;
  }
}

function membersOf(seed: number, database: number): readonly Member[] {
  const draws = new Draws(seed).start(STREAM.member, database);
  const members = repeat(MEMBERS_MIN + draws.below(MEMBERS_MORE), () => shoppers.shopper(draws));
  if (database % HEAVY_EVERY === 0) members.push(shoppers.heavyShopper(draws));
  return members.map((member, index) => ({ ...member, id: database * IDS + index + 1 }));
}

/** The member with most lines, one with most money, one with two cards, one without lines, and one at random. */
function hardToHide(members: readonly Member[], draws: Draws): readonly number[] {
  const spent = ({ lines }: Member): number => lines.reduce((sum, { netCents }) => sum + Math.abs(netCents), 0);
  const chosen = [
    members.toSorted((a, b) => b.lines.length - a.lines.length)[0],
    members.toSorted((a, b) => spent(b) - spent(a))[0],
    members.find(({ cards, country }) => cards === 2 && country === 0),
    members.find(({ lines, country }) => lines.length === 0 && country === 0),
    pick(draws, members),
  ];
  return [...new Set(chosen.flatMap((member) => (member === undefined ? [] : [member.id])))];
}

const integers = (...values: readonly number[]): readonly SqlParameter[] =>
  values.map((value, index) => ({ name: `p${index}`, type: 'int64', value: BigInt(value) }));

const cardOf = (member: number, card: number): string => sha256Hex(`card ${card} of ${member}`);

const eventsOf = ({ id, said }: Member): ConsentEvent[] =>
  said.map(({ card, ...event }) => ({
    loyaltyIdSha256: cardOf(id, card),
    ...event,
    source: 'app',
    textVersion: '2025-06',
  }));

async function loadFile(path: string, members: readonly Member[]): Promise<void> {
  const loader = await WarehouseLoader.create({ path, identifierKey: KEY, ...RESOURCES });
  await loader.insert(schema.REGION, shoppers.REGIONS);
  await loader.insert(schema.STORE, shoppers.STORES);
  await loader.insert(schema.TIER, shoppers.TIERS);
  await loader.insert(schema.CATEGORY, shoppers.CATEGORIES);
  await loader.insert(schema.BRAND, shoppers.BRANDS);
  await loader.insert(schema.PRODUCT, shoppers.PRODUCTS);
  await loader.insert(schema.MEMBER, members.map(memberRow));
  const cards = members.flatMap(({ id, cards: count }) => repeat(count, (card) => [id, cardOf(id, card + 1)] as const));
  await loader.appendMemberKeys(
    cards.map(([id]) => id),
    cards.map(([, digest]) => Buffer.from(digest, 'hex')),
  );
  await loadLines(loader, members);
  const loaded = {
    dataThrough: shoppers.HISTORY.through,
    historyFrom: shoppers.HISTORY.from,
    consentAsOf: '2025-11-15T23:59:59.999Z',
  };
  await loader.finish([
    { country: 'FR', ...loaded },
    { country: 'ES', ...loaded },
  ]);
}

const memberRow = ({ id, country, region, tier }: Member) => [
  id,
  country === 0 ? 'FR' : 'ES',
  region,
  region,
  tier,
  '2020-01-01',
  ...schema.MEMBER.columns.filter(({ type }) => type === 'flag').map(() => false),
  null,
];

const COLUMNS = ['country', 'day', 'basket', 'lineNo', 'store', 'channel', 'product', 'quantity', 'netCents'] as const;

async function loadLines(loader: WarehouseLoader, members: readonly Member[]): Promise<void> {
  const lines = members.flatMap(({ id, lines: own }) =>
    own.map((each): ShopperLine & { id: number } => ({ id, ...each })),
  );
  await loader.run(
    `CREATE TEMP TABLE arriving (member_id INTEGER, ${COLUMNS.map((column) => `${column} INTEGER`).join(', ')})`,
  );
  const columns = [
    Int32Array.from(lines, ({ id }) => id),
    ...COLUMNS.map((column) => Int32Array.from(lines, (each) => each[column])),
  ];
  await loader.appendIntegers('arriving', columns, lines.length);
  await loader.addLines(
    `SELECT CASE a.country WHEN 0 THEN 'FR' ELSE 'ES' END AS country, DATE '1970-01-01' + a.day AS day, a.member_id,
       a.basket AS basket_id, a.lineNo AS line_no, a.store AS store_id, a.channel, a.product AS product_id,
       p.category_id, p.brand_id, a.quantity, a.netCents AS net_cents
     FROM arriving AS a JOIN product AS p ON p.product_id = a.product`,
  );
}
