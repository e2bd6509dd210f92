import type { Channel, Leaf, ProductSelector, Purchased, Recency, Window } from './ast.ts';
import { CURRENCIES } from './names.ts';
import { listed } from './phrasebook.ts';
import type { Phrasebook, Speech } from './phrasebook.ts';
import { dayNumber, toCivil } from './windows.ts';

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

export const ENGLISH: Phrasebook = {
  members: {
    FR: 'Members in France who',
    ES: 'Members in Spain who',
    IT: 'Members in Italy who',
    BE: 'Members in Belgium who',
    PL: 'Members in Poland who',
    RO: 'Members in Romania who',
    BR: 'Members in Brazil who',
    AR: 'Members in Argentina who',
    AE: 'Members in the United Arab Emirates who',
  },
  quotes: ['“', '”'],
  or: 'or',
  groups: {
    all: ', and ',
    any: ', or ',
    none: (inside) => `match none of (${inside})`,
    atLeast: (n, inside) => `match at least ${n} of (${inside})`,
  },
  leaf,
};

function leaf(node: Leaf, speech: Speech): string {
  if ('purchased' in node) return `bought ${selection(node.purchased, speech)}`;
  if ('notPurchased' in node) return `did not buy ${selection(node.notPurchased, speech)}`;
  if ('frequency' in node) {
    const { min, max } = node.frequency;
    return `bought ${products(node.frequency.products, speech)} in ${between(min, max, 'basket', 'baskets')} ${when(node.frequency)}`;
  }
  if ('spend' in node) {
    const { minCents, maxCents } = node.spend;
    const amount = between(money(minCents), money(maxCents), CURRENCIES[speech.country]);
    return `spent ${amount} on ${selection(node.spend, speech)}`;
  }
  if ('recency' in node) return recency(node.recency, speech);
  if ('newToBrand' in node) {
    const { brands, window, lookbackDays } = node.newToBrand;
    return `bought ${products({ brands }, speech)} ${span(window)} but not in the ${days(lookbackDays)} before that`;
  }
  if ('lapsed' in node) {
    const { products: selector, activeWindow, sinceDays } = node.lapsed;
    return `bought ${products(selector, speech)} ${span(activeWindow)} but no longer ${span({ lastDays: sinceDays })}`;
  }
  return attribute(node, speech);
}

type AttributeLeaf = Extract<Leaf, { channel: unknown } | { store: unknown } | { region: unknown } | { tier: unknown }>;

function attribute(node: AttributeLeaf | Extract<Leaf, { audienceRef: unknown }>, { list }: Speech): string {
  if ('channel' in node) return `shopped ${where(node.channel.in)} ${span(node.channel.window)}`;
  if ('store' in node) return `shopped at store ${list('store', node.store.in)} ${span(node.store.window)}`;
  if ('region' in node) return `live in region ${list('region', node.region.in)}`;
  if ('tier' in node) return `are in loyalty tier ${list('tier', node.tier.in)}`;
  const { id, version } = node.audienceRef;
  return `are in audience ${list('audience', [id])}, ${version === undefined ? 'newest version' : `version ${version}`}`;
}

function products({ gtins, brands, categories }: ProductSelector, { list }: Speech): string {
  return [
    ...(gtins === undefined ? [] : [`product ${list('product', gtins)}`]),
    ...(brands === undefined ? [] : [`brand ${list('brand', brands)}`]),
    ...(categories === undefined ? [] : [`category ${list('category', categories)}`]),
  ].join(' within ');
}

const selection = (body: Purchased, speech: Speech): string => `${products(body.products, speech)} ${when(body)}`;

const when = ({ window, channels }: Pick<Purchased, 'window' | 'channels'>): string =>
  channels === undefined ? span(window) : `${where(channels)} ${span(window)}`;

const PLACES: Readonly<Record<Channel, string>> = { store: 'in store', online: 'online' };

const where = (channels: readonly Channel[]): string =>
  listed(
    channels.map((channel) => PLACES[channel]),
    'or',
  );

function span(window: Window): string {
  if ('lastDays' in window) return window.lastDays === 1 ? 'on the last day' : `in the last ${days(window.lastDays)}`;
  if ('lastMonths' in window) {
    return window.lastMonths === 1 ? 'in the last month' : `in the last ${window.lastMonths} months`;
  }
  return `from ${date(window.from)} to ${date(window.to)}`;
}

function date(text: string): string {
  const { year, month, day } = toCivil(dayNumber(text) ?? 0);
  return `${day} ${MONTHS[month - 1] ?? ''} ${year}`;
}

const days = (count: number): string => (count === 1 ? '1 day' : `${count} days`);

const money = (cents: number | undefined): string | undefined =>
  cents === undefined ? undefined : (cents / 100).toFixed(2);

function between(min: number | string | undefined, max: number | string | undefined, one: string, many = one): string {
  const unit = (count: number | string): string => `${count} ${count === 1 ? one : many}`;
  if (min === undefined) return `at most ${unit(max ?? '')}`;
  if (max === undefined) return `at least ${unit(min)}`;
  return min === max ? `exactly ${unit(min)}` : `${min} to ${unit(max)}`;
}

function recency({ products: selector, minDaysAgo, maxDaysAgo }: Recency, speech: Speech): string {
  return `last bought ${products(selector, speech)} ${between(minDaysAgo, maxDaysAgo, 'day', 'days')} ago`;
}
