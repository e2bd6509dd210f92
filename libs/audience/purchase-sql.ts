import type { SqlParameters } from '#core';
import type { Channel } from './ast.ts';
import type { ResolvedAtom } from './atoms.ts';
import type { TableName } from './tables.ts';
import { dayText } from './windows.ts';

export type ResolvedPurchases = Extract<ResolvedAtom, { kind: 'purchases' }>;

/** The numbers under which the warehouse keeps the channels. */
const CHANNEL_IDS: Readonly<Record<Channel, number>> = { store: 1, online: 2 };

/** What the fragments of one statement share. */
export interface Fragment {
  readonly parameters: SqlParameters;
  /** The parameter of the country. */
  readonly country: string;
  readonly table: (name: TableName) => string;
}

/**
 * Whether a member's purchases keep the bounds, as a test on `m.member_id`. A member without any line is in no group, so
 * bounds that 0 keeps are written as "not among those who break them". `member_id` is never NULL, so NOT IN is safe.
 */
export function purchaseSql(atom: ResolvedPurchases, positive: boolean, fragment: Fragment): string {
  const zeroKeeps = (atom.min ?? 0) <= 0 && (atom.max ?? 0) >= 0;
  const table = fragment.table(canUseBrandDay(atom) ? 'brand_day' : 'line');
  const where = conditions(atom, fragment);
  const groups = having(atom, zeroKeeps, fragment.parameters);
  if (positive === zeroKeeps)
    return `m.member_id NOT IN ${subquery(['SELECT member_id', `FROM ${table}`], where, groups)}`;
  if (groups.length === 0 || fragment.parameters.dialect === 'bigquery') {
    return `m.member_id IN ${subquery(['SELECT member_id', `FROM ${table}`], where, groups)}`;
  }
  // DuckDB groups only the members that the rest of the rule leaves when the test is correlated, and all of them when it
  // is not: about half the time on a selective rule. BigQuery may refuse to decorrelate a HAVING.
  return `EXISTS ${subquery(['SELECT 1', `FROM ${table} AS l`], [...where, 'l.member_id = m.member_id'], groups)}`;
}

/** A select in brackets, its conditions one a line. */
function subquery(head: readonly string[], where: readonly string[], groups: readonly string[]): string {
  const conjuncts = where.map((condition, index) => `${index === 0 ? 'WHERE' : '  AND'} ${condition}`);
  return `(\n${indented([...head, ...conjuncts, ...groups].join('\n'))}\n)`;
}

/**
 * `brand_day` has one row per member, brand, leaf category and day: it knows brands and money, not stores, channels or
 * products. Its baskets cannot be added up, since a basket with two categories is in two rows.
 */
function canUseBrandDay(atom: ResolvedPurchases): boolean {
  const { products, stores, channels } = atom;
  if (stores !== undefined || channels !== undefined || products?.products !== undefined) return false;
  return products?.brands !== undefined && (atom.measure === 'cents' || asksForAnyBasket(atom));
}

/** The bounds tell only "none" from "some". */
const asksForAnyBasket = ({ measure, min = 0, max }: ResolvedPurchases): boolean =>
  measure === 'baskets' && ((min === 1 && max === undefined) || max === 0);

/** Country and days come first: they name the partitions. */
function conditions({ window, products, stores, channels }: ResolvedPurchases, fragment: Fragment): readonly string[] {
  const { parameters } = fragment;
  const within = (column: string, ids: readonly number[] | undefined): readonly string[] =>
    ids === undefined ? [] : [`${column} IN ${parameters.ints(ids)}`];
  const { brands, categories } = (products?.products === undefined ? products : products.storedUnder) ?? {};
  const from = parameters.date(dayText(window.from));
  const to = parameters.date(dayText(window.to));
  return [
    `country = ${fragment.country}`,
    `day BETWEEN ${from} AND ${to}`,
    ...within('category_id', categories),
    ...within('brand_id', brands),
    ...within('product_id', products?.products),
    ...within(
      'channel',
      channels?.map((channel) => CHANNEL_IDS[channel]),
    ),
    ...within('store_id', stores),
  ];
}

function having(atom: ResolvedPurchases, zeroKeeps: boolean, parameters: SqlParameters): readonly string[] {
  if (asksForAnyBasket(atom)) return [];
  const value = atom.measure === 'cents' ? 'SUM(net_cents)' : 'COUNT(DISTINCT basket_id)';
  // Any line makes one basket, so a lower bound of 0 or 1 says nothing more about a member who is in a group.
  const min = atom.measure === 'baskets' && (atom.min ?? 0) <= 1 ? undefined : atom.min;
  const { max } = atom;
  const [below, above, join] = zeroKeeps ? ['<', '>', ' OR '] : ['>=', '<=', ' AND '];
  const bounds = [
    ...(min === undefined ? [] : [`${value} ${below} ${parameters.int(min)}`]),
    ...(max === undefined ? [] : [`${value} ${above} ${parameters.int(max)}`]),
  ];
  return ['GROUP BY member_id', `HAVING ${bounds.join(join)}`];
}

export const indented = (text: string): string => text.replaceAll(/^/gm, '  ');
