import type { Channel, Leaf, ProductSelector, Purchased, Recency, Window } from './ast.ts';
import { CURRENCIES } from './names.ts';
import { listed } from './phrasebook.ts';
import type { Phrasebook, Speech } from './phrasebook.ts';
import { dayNumber, toCivil } from './windows.ts';

const MONTHS = [
  'janvier',
  'février',
  'mars',
  'avril',
  'mai',
  'juin',
  'juillet',
  'août',
  'septembre',
  'octobre',
  'novembre',
  'décembre',
];

export const FRENCH: Phrasebook = {
  members: {
    FR: 'Membres en France qui',
    ES: 'Membres en Espagne qui',
    IT: 'Membres en Italie qui',
    BE: 'Membres en Belgique qui',
    PL: 'Membres en Pologne qui',
    RO: 'Membres en Roumanie qui',
    BR: 'Membres au Brésil qui',
    AR: 'Membres en Argentine qui',
    AE: 'Membres aux Émirats arabes unis qui',
  },
  quotes: ['« ', ' »'],
  or: 'ou',
  groups: {
    all: ', et ',
    any: ', ou ',
    none: (inside) => `ne remplissent aucune de ces conditions : (${inside})`,
    atLeast: (n, inside) => `remplissent au moins ${n} de ces conditions : (${inside})`,
  },
  leaf,
};

function leaf(node: Leaf, speech: Speech): string {
  if ('purchased' in node) return `ont acheté ${selection(node.purchased, speech)}`;
  if ('notPurchased' in node) return `n'ont pas acheté ${selection(node.notPurchased, speech)}`;
  if ('frequency' in node) {
    const { min, max } = node.frequency;
    return `ont acheté ${products(node.frequency.products, speech)} dans ${between(min, max, 'panier', 'paniers')} ${when(node.frequency)}`;
  }
  if ('spend' in node) {
    const { minCents, maxCents } = node.spend;
    const amount = between(money(minCents), money(maxCents), CURRENCIES[speech.country]);
    return `ont dépensé ${amount} pour ${selection(node.spend, speech)}`;
  }
  if ('recency' in node) return recency(node.recency, speech);
  if ('newToBrand' in node) {
    const { brands, window, lookbackDays } = node.newToBrand;
    const before = lookbackDays === 1 ? 'le jour précédent' : `au cours des ${lookbackDays} jours précédents`;
    return `ont acheté ${products({ brands }, speech)} ${span(window)} mais pas ${before}`;
  }
  if ('lapsed' in node) {
    const { products: selector, activeWindow, sinceDays } = node.lapsed;
    return `ont acheté ${products(selector, speech)} ${span(activeWindow)} mais plus ${span({ lastDays: sinceDays })}`;
  }
  return attribute(node, speech);
}

type AttributeLeaf = Extract<Leaf, { channel: unknown } | { store: unknown } | { region: unknown } | { tier: unknown }>;

function attribute(node: AttributeLeaf | Extract<Leaf, { audienceRef: unknown }>, { list }: Speech): string {
  if ('channel' in node) return `ont fait des achats ${where(node.channel.in)} ${span(node.channel.window)}`;
  if ('store' in node) {
    return `ont fait des achats au magasin ${list('store', node.store.in)} ${span(node.store.window)}`;
  }
  if ('region' in node) return `habitent la région ${list('region', node.region.in)}`;
  if ('tier' in node) return `ont le niveau de fidélité ${list('tier', node.tier.in)}`;
  const { id, version } = node.audienceRef;
  const which = version === undefined ? 'dernière version' : `version ${version}`;
  return `appartiennent à l'audience ${list('audience', [id])}, ${which}`;
}

function products({ gtins, brands, categories }: ProductSelector, { list }: Speech): string {
  return [
    ...(gtins === undefined ? [] : [`le produit ${list('product', gtins)}`]),
    ...(brands === undefined ? [] : [`la marque ${list('brand', brands)}`]),
    ...(categories === undefined ? [] : [`la catégorie ${list('category', categories)}`]),
  ].join(' dans ');
}

const selection = (body: Purchased, speech: Speech): string => `${products(body.products, speech)} ${when(body)}`;

const when = ({ window, channels }: Pick<Purchased, 'window' | 'channels'>): string =>
  channels === undefined ? span(window) : `${where(channels)} ${span(window)}`;

const PLACES: Readonly<Record<Channel, string>> = { store: 'en magasin', online: 'en ligne' };

const where = (channels: readonly Channel[]): string =>
  listed(
    channels.map((channel) => PLACES[channel]),
    'ou',
  );

function span(window: Window): string {
  if ('lastDays' in window) {
    return window.lastDays === 1 ? 'le dernier jour' : `au cours des ${window.lastDays} derniers jours`;
  }
  if ('lastMonths' in window) {
    return window.lastMonths === 1 ? 'au cours du dernier mois' : `au cours des ${window.lastMonths} derniers mois`;
  }
  return `du ${date(window.from)} au ${date(window.to)}`;
}

function date(text: string): string {
  const { year, month, day } = toCivil(dayNumber(text) ?? 0);
  return `${day === 1 ? '1er' : day} ${MONTHS[month - 1] ?? ''} ${year}`;
}

const money = (cents: number | undefined): string | undefined =>
  cents === undefined ? undefined : (cents / 100).toFixed(2).replace('.', ',');

function between(min: number | string | undefined, max: number | string | undefined, one: string, many = one): string {
  // French counts 0 and 1 in the singular.
  const unit = (count: number | string): string => `${count} ${count === 0 || count === 1 ? one : many}`;
  if (min === undefined) return `au plus ${unit(max ?? '')}`;
  if (max === undefined) return `au moins ${unit(min)}`;
  return min === max ? `exactement ${unit(min)}` : `${min} à ${unit(max)}`;
}

function recency({ products: selector, minDaysAgo, maxDaysAgo }: Recency, speech: Speech): string {
  const bought = `ont acheté pour la dernière fois ${products(selector, speech)}`;
  return `${bought} il y a ${between(minDaysAgo, maxDaysAgo, 'jour', 'jours')}`;
}
