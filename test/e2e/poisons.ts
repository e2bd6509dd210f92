import type { Warehouse } from '#warehouse';
import { USUAL_LINE } from './counted-retailer.ts';
import type { CountedRetailer } from './counted-retailer.ts';
import { narrowed, withCount } from './counting-warehouse.ts';
import { TOUR } from './questions.ts';

/** The member whose rows are poison; the others are numbered far below. */
export const POISONER = 1_000_000;
const POISON_LINES = 2_000;

const OTHERS: CountedRetailer = { members: 2_000 };

/** Two neighbouring databases: in the first one there is one member more, with lines that no question asks for. */
export const POISONED: CountedRetailer = {
  ...OTHERS,
  moreMembers: `SELECT ${POISONER} AS member_id`,
  moreLines: `SELECT '${TOUR.country}', DATE '2025-01-01' + (n % 300)::INTEGER, ${POISONER}, 900000000 + n, 1,
    ${USUAL_LINE.replaceAll(/ AS \w+/g, '')}, 1, 100 FROM range(${POISON_LINES}) AS lines(n)`,
};
export const CLEAN: CountedRetailer = OTHERS;

const its = (alias: string): string => `${alias}.member_id = ${POISONER}`;

/**
 * Conditions that every member keeps and that break in the engine itself when the poisoner is there. The language has
 * no way to write them; they stand for a mistake in a compiler, and for what only limits can stop.
 */
export const POISONS = {
  overflow: 'm.member_id * m.member_id > 0',
  cast: `CAST(CASE WHEN ${its('m')} THEN 'x' ELSE '1' END AS INTEGER) = 1`,
  memory: `coalesce((SELECT length(string_agg(repeat(CASE WHEN ${its('a')} THEN 'x' ELSE '' END, 1000000), ''))
    FROM line a WHERE ${its('a')}), 0) >= 0`,
  deadline: `(SELECT count(*) FROM line a, line b, line c WHERE ${its('a')} AND ${its('b')} AND ${its('c')}
    AND (a.net_cents + b.basket_id * c.basket_id) % 7 = 3) >= 0`,
} as const;

export type Poison = keyof typeof POISONS;
export const POISON_NAMES = Object.keys(POISONS) as Poison[];

/** Little enough for the poison, and plenty for the questions of the language. */
export const RESOURCES = { memoryLimit: '60MB', tempSizeMax: '1MB', threads: 2 } as const;
export const DEADLINE_MS = 2_000;

/** The engine's class of the failure, as the log is told it. */
export const CLASSES: Readonly<Record<Poison, RegExp>> = {
  overflow: /Out of Range/,
  cast: /Conversion/,
  memory: /Out of Memory/,
  // Service and warehouse look at the clock each by itself; one is first.
  deadline: /stopped .*(deadline|aborted)/,
};

/** A warehouse whose compiler makes the chosen mistake, and that remembers what came of it. */
export class PoisonedWarehouse {
  poison: Poison | null = null;
  /** Counts end no sooner than this resolves. */
  held: Promise<void> = Promise.resolve();
  /** How each count ended: `counted`, or what the log is told of its failure. */
  readonly endings: string[] = [];

  readonly wrap = (inner: Warehouse): Warehouse =>
    withCount(inner, async (statement, options) => {
      const asked = this.poison === null ? statement : narrowed(statement, POISONS[this.poison]);
      try {
        const count = await inner.count(asked, options);
        this.endings.push('counted');
        await this.held;
        return count;
      } catch (error) {
        this.endings.push(String((error as { text?: { internal?: string } }).text?.internal));
        throw error;
      }
    });
}
