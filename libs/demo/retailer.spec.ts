import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256Hex } from '#core';
import { DuckDbWarehouse, IdentifierKey, schema } from '#warehouse';
import type { Warehouse } from '#warehouse';
import { checkDigit } from './gtin.ts';
import { demoLoyaltyNumber } from './loyalty-number.ts';
import { buildDemoRetailer } from './retailer.ts';
import type { DemoProgress, DemoRetailerOptions } from './retailer.ts';
import { demoBrandManufacturers } from './tour.ts';
import { demoWorld } from './world.ts';
import { openRaw } from '../core/raw.ts';

const folder = mkdtempSync(join(tmpdir(), 'haven-demo-'));
const pepper = Buffer.alloc(32, 3);
const MEMBERS = 2_000;
const base = { members: MEMBERS, seed: 11, pepper, pepperVersion: 1, dataThrough: '2026-10-31' };

const build = async (name: string, more: Partial<DemoRetailerOptions> = {}): Promise<string> => {
  const path = join(folder, name);
  await buildDemoRetailer({ ...base, path, ...more });
  return path;
};

const open = (path: string): Promise<DuckDbWarehouse> =>
  DuckDbWarehouse.open({ path, identifierKey: new IdentifierKey(pepper, 1), threads: 2 });

/** The integer that a statement gives, a version of FR being in force. */
async function ask(warehouse: Warehouse, sql: string): Promise<number> {
  const { version } = await warehouse.dataVersion('FR');
  const count = await warehouse.count(
    { dialect: 'duckdb', sql, parameters: [] },
    { country: 'FR', dataVersion: version, deadlineMs: 30_000, tag: { tenant: 'test', kind: 'test' } },
  );
  return Number(openRaw(count));
}

const COUNTED = [
  schema.MEMBER,
  schema.LINE,
  schema.BRAND_DAY,
  schema.PRODUCT,
  schema.STORE,
  schema.BRAND,
  schema.CATEGORY,
];

/** A digest of every countable table: of each row with its position. */
async function digest(path: string): Promise<number[]> {
  const warehouse = await open(path);
  const digests: number[] = [];
  for (const { name } of COUNTED) {
    const row = `concat_ws('|', rowid, ${name}::VARCHAR)`;
    digests.push(await ask(warehouse, `SELECT sum(md5_number_lower(${row}) % 1000000007) FROM ${name}`));
  }
  await warehouse.close();
  return digests;
}

let path: string;
let warehouse: DuckDbWarehouse;

beforeAll(async () => {
  path = await build('demo.duckdb');
  warehouse = await open(path);
});

afterAll(async () => {
  await warehouse.close();
  rmSync(folder, { recursive: true });
});

describe('buildDemoRetailer', () => {
  it('makes the same rows in the same order whatever the threads and memory, and others from another seed', async () => {
    const one = await digest(await build('one.duckdb', { resources: { threads: 1, memoryLimit: '200MB' } }));
    const four = await digest(await build('four.duckdb', { resources: { threads: 4 } }));
    const other = await digest(await build('other.duckdb', { seed: 12 }));
    expect(four).toEqual(one);
    expect(other.slice(0, 3)).not.toEqual(one.slice(0, 3));
    expect(other.slice(3)).toEqual(one.slice(3));
  });

  it('tells its progress, which never falls and ends at 1', async () => {
    const progress: DemoProgress[] = [];
    await build('progress.duckdb', { onProgress: (step) => progress.push(step) });
    const fractions = progress.map(({ fraction }) => fraction);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect([fractions[0], fractions.at(-1)]).toEqual([0, 1]);
    expect(new Set(progress.map(({ stage }) => stage))).toEqual(new Set(['members', 'lines', 'finishing']));
    expect(fractions.length).toBeGreaterThan(24);
  });

  it('stops when asked to and leaves nothing', async () => {
    const caller = new AbortController();
    const stopped = join(folder, 'stopped.duckdb');
    const onProgress = ({ fraction }: DemoProgress): void => {
      if (fraction > 0.5) caller.abort(new Error('enough'));
    };
    await expect(buildDemoRetailer({ ...base, path: stopped, onProgress, signal: caller.signal })).rejects.toThrow(
      'enough',
    );
    expect([existsSync(stopped), existsSync(`${stopped}.building`)]).toEqual([false, false]);
  });

  it('starts over where an earlier build was interrupted', async () => {
    writeFileSync(join(folder, 'again.duckdb.building'), 'half a file');
    expect(existsSync(await build('again.duckdb', { members: 10 }))).toBe(true);
    expect(existsSync(join(folder, 'again.duckdb.building'))).toBe(false);
  });

  it.each([
    ['no members', { members: 0 }],
    ['half a member', { members: 1.5 }],
    ['a date that is none', { dataThrough: '2026-31-10' }],
    ['a short pepper', { pepper: Buffer.alloc(8) }],
  ])('refuses %s', async (_, more) => {
    await expect(build('refused.duckdb', more)).rejects.toThrow(RangeError);
  });
});

const share = async (part: string, table: string): Promise<number> =>
  (await ask(warehouse, `SELECT count(*) FROM ${table} WHERE ${part}`)) /
  (await ask(warehouse, `SELECT count(*) FROM ${table}`));

/** Counts members' categories bought at least five times, by how many brands they were bought of. */
const repeaters = (brands: string): string => `SELECT count(*) FROM (
  SELECT member_id, category_id FROM line GROUP BY ALL
  HAVING count(DISTINCT basket_id) >= 5 AND count(DISTINCT brand_id) ${brands})`;

const levelOf = (code: string): number => code.split('.').length;

const parentOf = (code: string): string | null => code.slice(0, Math.max(code.lastIndexOf('.'), 0)) || null;

/**
 * Shares over 2,000 members or some 80,000 lines of a fixed seed: the figures never change for a given generator. The
 * tolerances are the widest that still describe the retailer.
 */
describe('the demo retailer', () => {
  it.each([
    ['members in FR', "country = 'FR'", 'member', 0.6, 0.04],
    ['members in ES', "country = 'ES'", 'member', 0.25, 0.04],
    ['members in IT', "country = 'IT'", 'member', 0.15, 0.04],
    ['consent to audience measurement', 'c_audience_measurement', 'member', 0.88, 0.03],
    ['consent to advertising on social networks', 'c_ads_social', 'member', 0.12, 0.03],
    ['social consent without e-mail consent', 'c_ads_social AND NOT c_direct_marketing_email', 'member', 0.07, 0.03],
    ['gold members', 'tier = 3', 'member', 0.12, 0.05],
    ['lines in store', 'channel = 1', 'line', 0.85, 0.03],
    ['lines brought back', 'quantity < 0', 'line', 0.003, 0.002],
    ['lines in December', 'month(day) = 12', 'line', 0.11, 0.02],
    ['lines in August', 'month(day) = 8', 'line', 0.07, 0.02],
    ['lines on Saturday', 'isodow(day) = 6', 'line', 0.22, 0.02],
    ['lines of the own labels', 'brand_id <= 2', 'line', 0.35, 0.1],
  ])('has the share of %s that it should', async (_, part, table, expected, tolerance) => {
    expect(Math.abs((await share(part, table)) - expected)).toBeLessThan(tolerance);
  });

  it('has about forty lines a member over 24 months, a few members buying most', async () => {
    const lines = await ask(warehouse, 'SELECT count(*) FROM line');
    expect(lines / MEMBERS).toBeGreaterThan(32);
    expect(lines / MEMBERS).toBeLessThan(48);
    const ofTopTenth = await ask(
      warehouse,
      `SELECT sum(n)::BIGINT FROM (SELECT count(*) AS n FROM line GROUP BY member_id ORDER BY n DESC LIMIT ${MEMBERS / 10})`,
    );
    expect(ofTopTenth / lines).toBeGreaterThan(0.3);
    expect(await ask(warehouse, "SELECT count(DISTINCT date_trunc('month', day)) FROM line")).toBe(24);
    expect(
      await ask(warehouse, "SELECT count(*) FROM line WHERE day NOT BETWEEN DATE '2024-11-01' AND DATE '2026-10-31'"),
    ).toBe(0);
  });

  it('has buyers who stay with a brand and buyers who change', async () => {
    const [loyal, all] = [await ask(warehouse, repeaters('<= 2')), await ask(warehouse, repeaters('>= 1'))];
    expect(loyal / all).toBeGreaterThan(0.25);
    expect(loyal / all).toBeLessThan(0.75);
  });

  it('hangs together: lines name products, stores and members of their country, after they joined', async () => {
    const orphans = `SELECT count(*) FROM line l
      LEFT JOIN product p ON p.product_id = l.product_id AND p.category_id = l.category_id AND p.brand_id = l.brand_id
      LEFT JOIN store s ON s.store_id = l.store_id AND s.country = l.country
      LEFT JOIN member m ON m.member_id = l.member_id AND m.country = l.country AND m.joined_on <= l.day
      WHERE p.product_id IS NULL OR s.store_id IS NULL OR m.member_id IS NULL`;
    expect(await ask(warehouse, orphans)).toBe(0);
    expect(await ask(warehouse, 'SELECT count(*) - count(DISTINCT (basket_id, line_no)) FROM line')).toBe(0);
    expect(
      await ask(
        warehouse,
        'SELECT count(*) FROM (SELECT 1 FROM line GROUP BY basket_id HAVING count(DISTINCT (member_id, day, store_id, channel)) > 1)',
      ),
    ).toBe(0);
    expect(
      await ask(
        warehouse,
        'SELECT count(*) FROM member m JOIN store s ON s.store_id = m.home_store_id WHERE s.region_id <> m.region_id OR s.country <> m.country',
      ),
    ).toBe(0);
  });

  it('gives consent flags that are the last events of the log: sending them again changes nothing', async () => {
    const copy = await open(await build('consent.duckdb'));
    const events = Array.from({ length: 500 }, (_, index) => ({
      loyaltyIdSha256: sha256Hex(demoLoyaltyNumber(base.seed, index + 1)),
      purpose: 'ads_tv' as const,
      status: 'withdrawn' as const,
      source: 'web',
      textVersion: '2019-03',
      at: '2000-01-01T00:00:00Z',
    }));
    const receipt = await copy.recordConsent(events, Date.parse('2026-11-01T00:00:00Z'));
    await copy.close();
    expect(receipt).toMatchObject({ applied: 500, unknown: 0 });
    expect(receipt.dataVersions.map(({ country }) => country)).toEqual(['ES', 'FR', 'IT']);
    // A withdrawal older than anything a member said makes each flag be worked out from the log anew.
    const flags = `SELECT sum(member_id * (1 + c_ads_tv::INTEGER))::BIGINT FROM member`;
    const again = await open(join(folder, 'consent.duckdb'));
    expect(await ask(again, flags)).toBe(await ask(warehouse, flags));
    await again.close();
  });

  it('lets a named member withdraw', async () => {
    const named = await open(await build('named.duckdb', { members: 50 }));
    const event = {
      loyaltyIdSha256: sha256Hex(demoLoyaltyNumber(base.seed, 1)),
      purpose: 'audience_measurement' as const,
      status: 'withdrawn' as const,
      source: 'app',
      textVersion: '2025-06',
      at: '2026-11-01T00:00:00Z',
    };
    expect(await named.recordConsent([event], Date.parse(event.at))).toMatchObject({ applied: 1, unknown: 0 });
    expect(
      await named.recordConsent([{ ...event, loyaltyIdSha256: sha256Hex('stranger') }], Date.parse(event.at)),
    ).toMatchObject({
      applied: 0,
      unknown: 1,
    });
    expect(await ask(named, 'SELECT count(*) FROM member WHERE member_id = 1 AND c_audience_measurement')).toBe(0);
    await named.close();
  });

  it('shows its catalogue: a tree of three levels, valid unique GTINs, prices in the lines', async () => {
    const { categories, products, brands, stores, regions } = await warehouse.catalogue();
    expect([1, 2, 3].map((level) => categories.filter(({ code }) => levelOf(code) === level).length)).toEqual([
      12, 60, 240,
    ]);
    expect(categories.filter(({ code, parentCode }) => parentCode !== parentOf(code))).toEqual([]);
    expect(
      products.filter(({ gtin }) => !/^952\d{10}$/.test(gtin) || checkDigit(gtin.slice(0, 12)) !== gtin[12]),
    ).toEqual([]);
    expect(new Set(products.map(({ gtin }) => gtin)).size).toBe(products.length);
    expect(products.length).toBeGreaterThan(4_500);
    expect(new Set(brands.map(({ code }) => code)).size).toBe(brands.length);
    expect(new Set(brands.map(({ manufacturer }) => manufacturer)).size).toBe(61);
    expect(stores).toHaveLength(120);
    for (const country of ['FR', 'ES', 'IT']) {
      expect(regions.filter((region) => region.country === country).length).toBeGreaterThanOrEqual(6);
    }
  });
});

describe('demoBrandManufacturers', () => {
  it('names what the catalogue holds: two makers who sell in the category, and regions of one country', async () => {
    const { manufacturers, categoryCode, country, regionCodes } = demoBrandManufacturers();
    const { brands, products, categories, regions } = await warehouse.catalogue();
    const leaves = new Set(categories.filter(({ code }) => code.startsWith(`${categoryCode}.`)).map(({ id }) => id));
    for (const { name, brandCodes } of manufacturers) {
      const own = brands.filter(({ manufacturer }) => manufacturer === name);
      expect(own.map(({ code }) => code).toSorted()).toEqual([...brandCodes].toSorted());
      const strongest = own.find(({ code }) => code === brandCodes[0]);
      expect(products.some(({ brandId, categoryId }) => brandId === strongest?.id && leaves.has(categoryId))).toBe(
        true,
      );
    }
    expect(new Set(manufacturers.map(({ name }) => name)).size).toBe(2);
    expect(regions.filter(({ code }) => regionCodes.includes(code)).map((region) => region.country)).toEqual([
      country,
      country,
      country,
    ]);
  });
});

describe('demoWorld', () => {
  it('is the same object on every call', () => {
    expect(demoWorld()).toBe(demoWorld());
  });
});
