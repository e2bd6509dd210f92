import { IntegerBatch } from './integer-batch.ts';
import type { MonthSlice } from './calendar.ts';
import { Draws, STREAM } from './draws.ts';
import type { DemoMembers, DemoPlan } from './members.ts';
import type { DemoProduct, Shelf } from './assortment.ts';
import type { DemoWorld } from './world.ts';
import { Weighted, zipf } from './weighted.ts';

/**
 * Columns of a batch of lines, in this order, all 32-bit integers. `day` counts from 1970-01-01; `basket_no` is below
 * 1,024 and unique for the member.
 */
export const LINE_COLUMNS = [
  'member_id',
  'day',
  'basket_no',
  'line_no',
  'store_id',
  'channel',
  'product_id',
  'quantity',
  'net_cents',
] as const;

/** Some members' lines of one month, in `LINE_COLUMNS`. */
export interface LineBatch {
  readonly batch: IntegerBatch;
  /** Members done in this month so far. */
  readonly membersDone: number;
}

/** Most baskets one member makes in a month, and most lines in one basket: bounds that ids rely on. */
export const BASKETS_MAX = 32;
const BASKET_LINES = new Weighted([15, 18, 17, 14, 11, 8, 6, 4, 3, 2, 1, 1]);
const QUANTITIES = new Weighted([76, 16, 4, 2, 1, 1]);

const FAVOURITES = new Weighted(zipf(25, 1.2));
/** A line is bought out of habit, or else from the whole assortment. */
const HABIT = 0.85;
/** A habit is for one brand, or for the category whoever makes it. */
const LOYAL = 0.55;
const LOYAL_KEEPS_BRAND = 0.92;
const LOYAL_KEEPS_PRODUCT = 0.75;
const HOME_STORE = 0.86;
const PROMOTED = 0.18;
const PROMOTION_PERCENT = 80;
/** A month with a basket in which something is brought back. */
const RETURNED = 0.02;

const BATCH_ROWS = 32_768;
const CHANNEL_STORE = 1;
const CHANNEL_ONLINE = 2;

/**
 * Basket lines of the demo members, month by month. A line depends on the plan's seed, the member and the month, not on
 * other members or on the order of calls.
 */
export class Baskets {
  readonly #world: DemoWorld;
  readonly #members: DemoMembers;
  readonly #visit: Draws;
  readonly #favourite: Draws;
  readonly #batch = new IntegerBatch(LINE_COLUMNS.length, BATCH_ROWS);

  constructor(plan: DemoPlan, world: DemoWorld, members: DemoMembers) {
    this.#world = world;
    this.#members = members;
    this.#visit = new Draws(plan.seed);
    this.#favourite = new Draws(plan.seed);
  }

  /** The lines of one month, members ascending, in batches of some 30,000. Each batch reuses the arrays of the last. */
  *month(month: MonthSlice): Generator<LineBatch> {
    const days = new Weighted(month.dayWeights);
    const rowsOfMemberMax = BASKETS_MAX * BASKET_LINES.length + 1;
    for (let index = 0; index < this.#members.count; index++) {
      if (!this.#batch.fits(rowsOfMemberMax)) {
        yield { batch: this.#batch, membersDone: index };
        this.#batch.clear();
      }
      this.#shop(index, month, days);
    }
    yield { batch: this.#batch, membersDone: this.#members.count };
    this.#batch.clear();
  }

  #shop(index: number, month: MonthSlice, days: Weighted): void {
    const joined = this.#members.joinedDay[index] ?? 0;
    if (joined > month.lastDay) return;
    const draws = this.#visit.start(STREAM.month, index + 1, month.index);
    const expected = (this.#members.basketsPerMonth[index] ?? 0) * month.trade * 2 * draws.unit();
    const baskets = Math.min(Math.floor(expected + draws.unit()), BASKETS_MAX - 1);
    const rowsBefore = this.#batch.rows;
    for (let basket = 0; basket < baskets; basket++) {
      const day = month.firstDay + days.pick(draws);
      if (day >= joined) this.#fillBasket(index, day, month.index * BASKETS_MAX + basket);
    }
    if (this.#batch.rows > rowsBefore && draws.chance(RETURNED)) this.#bringBack(month);
  }

  #fillBasket(index: number, day: number, basket: number): void {
    const draws = this.#visit;
    const online = draws.chance(this.#members.onlineShare[index] ?? 0);
    const store =
      online || draws.chance(HOME_STORE) ? (this.#members.homeStoreId[index] ?? 0) : this.#otherStore(index);
    const lines = 1 + BASKET_LINES.pick(draws);
    for (let line = 1; line <= lines; line++) {
      const product = this.#choose(index);
      const quantity = 1 + QUANTITIES.pick(draws);
      const percent = draws.chance(PROMOTED) ? PROMOTION_PERCENT : 100;
      const netCents = Math.floor((product.priceCents * quantity * percent) / 100);
      const channel = online ? CHANNEL_ONLINE : CHANNEL_STORE;
      this.#batch.add([index + 1, day, basket, line, store, channel, product.id, quantity, netCents]);
    }
  }

  #otherStore(index: number): number {
    const country = this.#world.countries[this.#members.country[index] ?? 0];
    return country?.stores[country.homeStore.pick(this.#visit)]?.id ?? 0;
  }

  /** A return: the last line again, negative, in a basket of its own on a later day of the month. */
  #bringBack(month: MonthSlice): void {
    const [member = 0, day = 0, basket = 0, , store = 0, , product = 0, quantity = 0, net = 0] = LINE_COLUMNS.map(
      (_, column) => this.#batch.last(column),
    );
    const later = day + this.#visit.below(month.lastDay - day + 1);
    this.#batch.add([
      member,
      later,
      basket - (basket % BASKETS_MAX) + BASKETS_MAX - 1,
      1,
      store,
      CHANNEL_STORE,
      product,
      -quantity,
      -net,
    ]);
  }

  #choose(index: number): DemoProduct {
    const draws = this.#visit;
    if (!draws.chance(HABIT)) return this.#anyProduct(this.#shelf(draws));
    // A favourite is drawn from its own stream each time it is needed, so that no member's list has to be kept.
    const habit = this.#favourite.start(STREAM.favourite, index + 1, FAVOURITES.pick(draws));
    const shelf = this.#shelf(habit);
    if (!habit.chance(LOYAL) || !draws.chance(LOYAL_KEEPS_BRAND)) return this.#anyProduct(shelf);
    const products = shelf.products[shelf.shares.pick(habit)] ?? [];
    const usual = habit.below(products.length);
    return at(products, draws.chance(LOYAL_KEEPS_PRODUCT) ? usual : draws.below(products.length));
  }

  #shelf(draws: Draws): Shelf {
    return at(this.#world.shelves, this.#world.popularity.pick(draws));
  }

  #anyProduct(shelf: Shelf): DemoProduct {
    const products = shelf.products[shelf.shares.pick(this.#visit)] ?? [];
    // The smaller of two uniform draws: the first article of a brand sells best.
    return at(products, Math.min(this.#visit.below(products.length), this.#visit.below(products.length)));
  }
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new RangeError(`no item ${index} of ${items.length}`);
  return item;
}
