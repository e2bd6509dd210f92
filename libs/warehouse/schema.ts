import { PURPOSES } from '#core';
import type { Purpose } from '#core';

/** Version of the tables below. A file of another version is refused when it is opened. */
export const SCHEMA_VERSION = 1;

/** `line.channel`. */
export const CHANNELS = { store: 1, online: 2 } as const;

/** `member_key.id_type` of the keyed loyalty number. */
export const LOYALTY_ID_TYPE = 'loyalty';

export type ColumnType = 'text' | 'day' | 'instant' | 'flag' | 'bytes' | 'int8' | 'int16' | 'int32' | 'int64';

export interface ColumnDefinition {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable?: true;
  /** SQL literal, the same in both dialects. */
  readonly default?: string;
  readonly comment: string;
}

export interface TableDefinition {
  readonly name: string;
  /** `pii` is apart (in BigQuery another dataset with other grants): a count may not read it. */
  readonly area: 'main' | 'pii';
  readonly comment: string;
  readonly columns: readonly ColumnDefinition[];
  /** Column whose calendar month partitions the table; the first sort key in DuckDB. */
  readonly monthOf?: string;
  /** Order within a partition; at most four columns, the limit of BigQuery's clustering. */
  readonly clusterBy: readonly string[];
}

/** The flag column of a purpose in `member`. */
export const consentColumn = (purpose: Purpose): string => `c_${purpose}`;

const column = (name: string, type: ColumnType, comment: string, more?: { nullable?: true; default?: string }) => ({
  name,
  type,
  comment,
  ...more,
});

const country = column('country', 'text', 'ISO 3166-1 alpha-2');
const memberId = column('member_id', 'int32', 'surrogate, of no meaning outside this warehouse');
const categoryId = column('category_id', 'int16', 'leaf of the category tree');

export const MEMBER: TableDefinition = {
  name: 'member',
  area: 'main',
  comment: 'one row per loyalty member, the privacy unit, with the consent in force',
  columns: [
    memberId,
    country,
    column('region_id', 'int16', 'region of the home address'),
    column('home_store_id', 'int16', 'store most used'),
    column('tier', 'int8', 'loyalty tier'),
    column('joined_on', 'day', 'business day of joining'),
    ...PURPOSES.map((purpose) =>
      column(consentColumn(purpose), 'flag', `consent to ${purpose}: status of the last event`, { default: 'FALSE' }),
    ),
    column('consent_changed_at', 'instant', 'instant of the last consent event', { nullable: true }),
  ],
  clusterBy: ['country', 'region_id', 'member_id'],
};

export const MEMBER_KEY: TableDefinition = {
  name: 'member_key',
  area: 'pii',
  comment: 'keyed identifiers: HMAC-SHA-256(pepper, SHA-256(identifier)); no identifier is kept',
  columns: [
    memberId,
    column('id_type', 'text', 'which identifier was keyed'),
    column('hid', 'bytes', 'keyed identifier, 32 bytes'),
    column('pepper_version', 'int16', 'version of the pepper'),
  ],
  clusterBy: ['id_type', 'hid'],
};

export const LINE: TableDefinition = {
  name: 'line',
  area: 'main',
  comment: 'one row per basket line: the facts',
  columns: [
    country,
    column('day', 'day', 'business day in the time zone of the country'),
    memberId,
    column('basket_id', 'int64', 'one visit or one order'),
    column('line_no', 'int16', 'position in the basket, from 1'),
    column('store_id', 'int16', 'store that sold or prepared it'),
    column('channel', 'int8', '1 store, 2 online'),
    column('product_id', 'int32', 'product'),
    categoryId,
    column('brand_id', 'int32', 'brand of the product'),
    column('quantity', 'int16', 'units; negative for a return'),
    column('net_cents', 'int32', 'paid, in minor units; negative for a return'),
  ],
  monthOf: 'day',
  clusterBy: ['country', 'category_id', 'brand_id', 'member_id'],
};

export const BRAND_DAY: TableDefinition = {
  name: 'brand_day',
  area: 'main',
  comment: 'line, summed per member, brand, category and day: the second sort order of the facts',
  columns: [
    country,
    column('day', 'day', 'business day'),
    column('brand_id', 'int32', 'brand'),
    categoryId,
    memberId,
    column('baskets', 'int16', 'distinct baskets; a return is a line like any other'),
    column('quantity', 'int32', 'units, returns subtracted'),
    column('net_cents', 'int32', 'paid, in minor units, returns subtracted'),
  ],
  monthOf: 'day',
  clusterBy: ['country', 'brand_id', 'member_id'],
};

export const CONSENT_EVENT: TableDefinition = {
  name: 'consent_event',
  area: 'main',
  comment: 'append-only log of consent; the truth behind the flags of member',
  columns: [
    memberId,
    country,
    column('purpose', 'text', 'what for'),
    column('status', 'text', 'granted or withdrawn'),
    column('source', 'text', 'where the member said it'),
    column('text_version', 'text', 'wording the member saw'),
    column('effective_at', 'instant', 'when the member said it'),
    column('recorded_at', 'instant', 'when it was written here'),
  ],
  monthOf: 'effective_at',
  clusterBy: ['member_id'],
};

export const DATA_VERSION: TableDefinition = {
  name: 'data_version',
  area: 'main',
  comment: 'append-only: each change of a country; the highest version is in force',
  columns: [
    country,
    column('version', 'int64', 'rises by one with each change'),
    column('data_through', 'day', 'last complete business day'),
    column('history_from', 'day', 'first business day held'),
    column('consent_as_of', 'instant', 'consent events are known up to here'),
    column('reason', 'text', 'what changed: load or consent'),
  ],
  clusterBy: ['country'],
};

const id = (name: string, type: ColumnType, of: string) => column(name, type, `surrogate of the ${of}`);
const code = (of: string) => column('code', 'text', `stable public code of the ${of}`);
const title = column('name', 'text', 'for people');

export const PRODUCT: TableDefinition = {
  name: 'product',
  area: 'main',
  comment: 'what is sold',
  columns: [
    id('product_id', 'int32', 'product'),
    column('gtin', 'text', 'GTIN-13'),
    title,
    column('brand_id', 'int32', 'brand'),
    categoryId,
  ],
  clusterBy: ['category_id', 'brand_id'],
};

export const BRAND: TableDefinition = {
  name: 'brand',
  area: 'main',
  comment: 'brands and who owns them',
  columns: [
    id('brand_id', 'int32', 'brand'),
    code('brand'),
    title,
    column('manufacturer', 'text', 'company that owns the brand'),
  ],
  clusterBy: ['brand_id'],
};

export const CATEGORY: TableDefinition = {
  name: 'category',
  area: 'main',
  comment: 'category tree; lines hang on leaves',
  columns: [
    id('category_id', 'int16', 'category'),
    code('category'),
    column('parent_id', 'int16', 'category above', { nullable: true }),
    title,
  ],
  clusterBy: ['category_id'],
};

export const REGION: TableDefinition = {
  name: 'region',
  area: 'main',
  comment: 'regions of a country',
  columns: [id('region_id', 'int16', 'region'), column('code', 'text', 'ISO 3166-2'), country, title],
  clusterBy: ['region_id'],
};

export const STORE: TableDefinition = {
  name: 'store',
  area: 'main',
  comment: 'stores',
  columns: [
    id('store_id', 'int16', 'store'),
    code('store'),
    title,
    country,
    column('region_id', 'int16', 'its region'),
  ],
  clusterBy: ['store_id'],
};

export const TIER: TableDefinition = {
  name: 'tier',
  area: 'main',
  comment: 'loyalty tiers',
  columns: [id('tier_id', 'int8', 'tier'), code('tier'), title],
  clusterBy: ['tier_id'],
};

export const META: TableDefinition = {
  name: 'meta',
  area: 'main',
  comment: 'facts about the warehouse itself',
  columns: [column('key', 'text', 'which fact'), column('value', 'text', 'its value')],
  clusterBy: ['key'],
};

/** Every table, in the order of creation. */
export const TABLES: readonly TableDefinition[] = [
  META,
  REGION,
  STORE,
  TIER,
  CATEGORY,
  BRAND,
  PRODUCT,
  MEMBER,
  MEMBER_KEY,
  CONSENT_EVENT,
  DATA_VERSION,
  LINE,
  BRAND_DAY,
];

/** Tables that a count may read. */
export const COUNTABLE_TABLES: ReadonlySet<string> = new Set(
  [MEMBER, LINE, BRAND_DAY, PRODUCT, BRAND, CATEGORY, REGION, STORE, TIER].map((table) => table.name),
);
