import type { AudienceDefinition, AudienceReference, Channel, Leaf, ProductSelector, Rule, Window } from '#audience';
import type { Country, Purpose } from '#core';
import type { LeafBodies, Purchased } from '../../libs/audience/ast.ts';
import { dayOf, monthsBefore } from './days.ts';
import type { Day } from './days.ts';
import type { Line, Member, Retail } from './retail.ts';

/** An audience as someone asks for it. */
export interface Question {
  /** Whose brands ask: a category stands for the part of it in which they are sold. */
  readonly manufacturer: string;
  readonly definition: AudienceDefinition;
  /** Saved audiences it may refer to, by id, and by id and version as `id@version`. */
  readonly saved: ReadonlyMap<string, AudienceDefinition>;
  readonly purposes: readonly Purpose[];
}

/** First and last day, both included. */
export interface Span {
  readonly from: Day;
  readonly to: Day;
}

/** What a leaf asks of a line besides its day. */
export interface LineTest {
  /** GTINs. */
  readonly products?: ReadonlySet<string>;
  readonly channels?: readonly Channel[] | undefined;
  readonly stores?: readonly string[];
}

export type Lines = (member: Member) => readonly Line[];
export type Test = (member: Member) => boolean;

/**
 * The meaning of `audience/1`, word by word as the language is described: for each leaf, member by member and line by
 * line. It knows no ids, no SQL and no rewriting. Plain on purpose: this is what the compiler is measured against.
 *
 * The methods are the terms of the description; each can be replaced by a wrong one, to see that a wrong one is noticed.
 */
export class AudienceEvaluator {
  protected readonly retail: Retail;
  readonly #existing = new Map<Country, readonly Member[]>();
  #question: Omit<Question, 'purposes'> | undefined;

  constructor(retail: Retail) {
    this.retail = retail;
  }

  /** Members of the country who match and consent to every purpose. */
  count(question: Question): number {
    return [...this.matching(question)].filter((member) => this.consents(member, question.purposes)).length;
  }

  /** Members of the country who match, whatever they consent to. */
  matching(question: Omit<Question, 'purposes'>): ReadonlySet<Member> {
    this.#question = question;
    return this.match(question.definition.rule);
  }

  /** Members of a country with the lines that exist for its audiences. */
  membersOf(country: Country): readonly Member[] {
    const known = this.#existing.get(country);
    if (known !== undefined) return known;
    const members = this.retail.members
      .filter((member) => member.country === country)
      .map((member) => ({ ...member, lines: member.lines.filter((line) => this.exists(line, country)) }));
    this.#existing.set(country, members);
    return members;
  }

  protected exists(line: Line, country: Country): boolean {
    const { historyFrom, dataThrough } = this.retail;
    return line.country === country && historyFrom <= line.day && line.day <= dataThrough;
  }

  protected consents(member: Member, purposes: readonly Purpose[]): boolean {
    return purposes.every((purpose) => member.consents.has(purpose));
  }

  protected match(rule: Rule): ReadonlySet<Member> {
    if ('all' in rule) return this.atLeast(rule.all.length, rule.all);
    if ('any' in rule) return this.atLeast(1, rule.any);
    if ('none' in rule) return this.none(rule.none);
    if ('atLeast' in rule) return this.atLeast(rule.atLeast.n, rule.atLeast.of);
    if ('audienceRef' in rule) return this.match(this.saved(rule.audienceRef));
    return this.those(this.leaf(rule));
  }

  protected none(children: readonly Rule[]): ReadonlySet<Member> {
    const matched = children.map((child) => this.match(child));
    return this.those((member) => !matched.some((each) => each.has(member)));
  }

  protected atLeast(n: number, children: readonly Rule[]): ReadonlySet<Member> {
    const matched = children.map((child) => this.match(child));
    return this.those((member) => matched.filter((each) => each.has(member)).length >= n);
  }

  protected those(test: Test): ReadonlySet<Member> {
    return new Set(this.membersOf(this.question.definition.country).filter(test));
  }

  protected leaf(leaf: Exclude<Leaf, { audienceRef: unknown }>): Test {
    if ('purchased' in leaf) return some(this.purchases(leaf.purchased));
    if ('notPurchased' in leaf) return no(this.purchases(leaf.notPurchased));
    if ('frequency' in leaf) return this.frequency(leaf.frequency);
    if ('spend' in leaf) return this.spend(leaf.spend);
    if ('recency' in leaf) return this.recency(leaf.recency);
    if ('newToBrand' in leaf) return this.newToBrand(leaf.newToBrand);
    if ('lapsed' in leaf) return this.lapsed(leaf.lapsed);
    if ('channel' in leaf) return some(this.lines(this.span(leaf.channel.window), { channels: leaf.channel.in }));
    if ('store' in leaf) return some(this.lines(this.span(leaf.store.window), { stores: leaf.store.in }));
    if ('region' in leaf) return ({ region }) => leaf.region.in.includes(region);
    return ({ tier }) => leaf.tier.in.includes(tier);
  }

  protected purchases({ products, window, channels }: Purchased): Lines {
    return this.lines(this.span(window), { products: this.products(products), channels });
  }

  protected frequency({ min, max, ...purchased }: LeafBodies['frequency']): Test {
    const lines = this.purchases(purchased);
    return (member) => within(this.baskets(lines(member)), min, max);
  }

  protected baskets(lines: readonly Line[]): number {
    return new Set(lines.map((line) => line.basket)).size;
  }

  protected spend({ minCents, maxCents, ...purchased }: LeafBodies['spend']): Test {
    const lines = this.purchases(purchased);
    return (member) => within(this.cents(lines(member)), minCents, maxCents);
  }

  protected cents(lines: readonly Line[]): number {
    return lines.reduce((sum, line) => sum + line.netCents, 0);
  }

  protected recency({ products, minDaysAgo, maxDaysAgo }: LeafBodies['recency']): Test {
    const lines = this.lines(this.span({ lastDays: 730 }), { products: this.products(products) });
    return (member) => {
      const days = lines(member).map((line) => this.retail.dataThrough - line.day);
      return days.length > 0 && within(Math.min(...days), minDaysAgo, maxDaysAgo);
    };
  }

  protected newToBrand({ brands, window, lookbackDays }: LeafBodies['newToBrand']): Test {
    const { from, to } = this.span(window);
    const products = this.products({ brands });
    const bought = some(this.lines({ from, to }, { products }));
    const notBefore = no(this.lines({ from: from - lookbackDays, to: from - 1 }, { products }));
    return (member) => bought(member) && notBefore(member);
  }

  protected lapsed({ products, activeWindow, sinceDays }: LeafBodies['lapsed']): Test {
    const active = some(this.purchases({ products, window: activeWindow }));
    const notSince = no(this.purchases({ products, window: { lastDays: sinceDays } }));
    return (member) => active(member) && notSince(member);
  }

  /** The days a window names. It is cut to the history by itself: outside it no line exists. */
  protected span(window: Window): Span {
    const to = this.retail.dataThrough;
    if ('lastDays' in window) return { from: to - window.lastDays + 1, to };
    if ('lastMonths' in window) return { from: monthsBefore(to, window.lastMonths) + 1, to };
    return { from: dayOf(window.from), to: dayOf(window.to) };
  }

  protected lines({ from, to }: Span, { products, channels, stores }: LineTest): Lines {
    return ({ lines }) =>
      lines.filter(
        (line) =>
          from <= line.day &&
          line.day <= to &&
          (channels === undefined || channels.includes(line.channel)) &&
          (stores === undefined || stores.includes(line.store)) &&
          (products === undefined || products.has(line.gtin)),
      );
  }

  /** The GTINs a selector means. */
  protected products({ gtins, brands, categories }: ProductSelector): ReadonlySet<string> {
    const leaves = categories && new Set(categories.flatMap((code) => [...this.leaves(code)]));
    const meant = this.retail.products.filter(
      ({ gtin, brand, category }) =>
        (gtins === undefined || gtins.includes(gtin)) &&
        (brands === undefined || brands.includes(brand)) &&
        (leaves === undefined || leaves.has(category)),
    );
    return new Set(meant.map(({ gtin }) => gtin));
  }

  /** The leaf categories at or below a node in which the brands that ask are sold. */
  protected leaves(code: string): ReadonlySet<string> {
    const own = this.retail.products.filter(({ manufacturer }) => manufacturer === this.question.manufacturer);
    const soldIn = new Set(own.map(({ category }) => category));
    return this.subtree(code).intersection(soldIn);
  }

  protected subtree(code: string): ReadonlySet<string> {
    const children = this.retail.categories.filter(({ parent }) => parent === code);
    return new Set([code, ...children.flatMap((child) => [...this.subtree(child.code)])]);
  }

  protected saved({ id, version }: AudienceReference): Rule {
    const found = this.question.saved.get(version === undefined ? id : `${id}@${version}`);
    if (found === undefined) throw new RangeError(`no saved audience ${id}`);
    return found.rule;
  }

  protected get question(): Omit<Question, 'purposes'> {
    if (this.#question === undefined) throw new Error('nothing was asked');
    return this.#question;
  }
}

export const some =
  (lines: Lines): Test =>
  (member) =>
    lines(member).length > 0;

export const no =
  (lines: Lines): Test =>
  (member) =>
    lines(member).length === 0;

export const within = (value: number, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY): boolean =>
  min <= value && value <= max;
