import { isPurpose } from '#core';
import type { Country, Purpose } from '#core';
import type { Channel } from '#audience';
import type { DuckDBConnection } from '@duckdb/node-api';
import { dayOf } from './days.ts';
import type { Day } from './days.ts';

/** The rows of a warehouse file in memory, by public codes. */
export interface Retail {
  readonly dataThrough: Day;
  readonly historyFrom: Day;
  readonly members: readonly Member[];
  readonly products: readonly Product[];
  readonly categories: readonly Category[];
}

export interface Member {
  readonly id: number;
  readonly country: Country;
  readonly region: string;
  readonly tier: string;
  /** Purposes consented to. */
  readonly consents: ReadonlySet<Purpose>;
  /** Every row of the file, also those of other countries or outside the history. */
  readonly lines: readonly Line[];
}

export interface Line {
  readonly country: Country;
  readonly day: Day;
  readonly basket: number;
  readonly store: string;
  readonly channel: Channel;
  readonly gtin: string;
  readonly brand: string;
  readonly category: string;
  readonly netCents: number;
}

export interface Product {
  readonly gtin: string;
  readonly brand: string;
  readonly manufacturer: string;
  readonly category: string;
}

export interface Category {
  readonly code: string;
  readonly parent: string | null;
}

/** Reads the whole file. Consent is read from the log of events: the flags are what is being tested. */
export async function readRetail(connection: DuckDBConnection): Promise<Retail> {
  const rows = async <T>(sql: string): Promise<T[]> =>
    (await connection.runAndReadAll(sql)).getRowObjectsJson() as unknown as T[];
  const [history] = await rows<{ through: string; from: string }>(
    `SELECT DISTINCT strftime(data_through, '%Y-%m-%d') AS through, strftime(history_from, '%Y-%m-%d') AS "from"
     FROM data_version`,
  );
  if (history === undefined) throw new Error('the file holds no country');
  return {
    dataThrough: dayOf(history.through),
    historyFrom: dayOf(history.from),
    members: withLines(await rows(MEMBERS), await rows(LINES), await rows(CONSENTS)),
    products: await rows(`SELECT gtin, b.code AS brand, manufacturer, c.code AS category
      FROM product JOIN brand b USING (brand_id) JOIN category c USING (category_id) ORDER BY gtin`),
    categories: await rows(`SELECT c.code, p.code AS parent
      FROM category c LEFT JOIN category p ON p.category_id = c.parent_id ORDER BY c.code`),
  };
}

const MEMBERS = `SELECT member_id AS id, m.country, r.code AS region, t.code AS tier
  FROM member m JOIN region r USING (region_id) JOIN tier t ON t.tier_id = m.tier ORDER BY member_id`;

const LINES = `SELECT member_id AS member, l.country, l.day - DATE '1970-01-01' AS day, basket_id AS basket,
    s.code AS store, CASE channel WHEN 1 THEN 'store' WHEN 2 THEN 'online' END AS channel,
    p.gtin, b.code AS brand, c.code AS category, net_cents AS "netCents"
  FROM line l JOIN store s USING (store_id) JOIN product p USING (product_id)
    JOIN brand b ON b.brand_id = l.brand_id JOIN category c ON c.category_id = l.category_id`;

const CONSENTS = `SELECT member_id AS member, purpose, max_by(status, effective_at) = 'granted' AS granted
  FROM consent_event GROUP BY ALL`;

type Row<T> = { readonly [K in keyof T]: T[K] extends number ? number | string : T[K] };

interface ConsentRow {
  readonly member: number;
  readonly purpose: string;
  readonly granted: boolean;
}

function withLines(
  members: readonly Omit<Member, 'consents' | 'lines'>[],
  lines: readonly (Row<Line> & { readonly member: number })[],
  consents: readonly ConsentRow[],
): Member[] {
  const byMember = new Map(members.map((member) => [member.id, emptyOf(member)]));
  // 64-bit integers come as text.
  for (const { member, day, basket, netCents, ...line } of lines) {
    byMember.get(member)?.lines.push({
      ...line,
      day: Number(day),
      basket: Number(basket),
      netCents: Number(netCents),
    });
  }
  for (const { member, purpose, granted } of consents) {
    if (granted && isPurpose(purpose)) byMember.get(member)?.consents.add(purpose);
  }
  return [...byMember.values()];
}

const emptyOf = (member: Omit<Member, 'consents' | 'lines'>) => ({
  ...member,
  consents: new Set<Purpose>(),
  lines: new Array<Line>(),
});
