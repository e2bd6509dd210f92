import type { Rule } from '#audience';

/** A mistake in how answers are made, which a sound suite of attacks finds. The questions are still asked and charged. */
export interface Flaw {
  readonly name: string;
  /** The size told in the place of the product's, null where the audience is not shown. */
  readonly tell: (exact: number, rule: Rule) => number | null;
}

/**
 * What is attacked. `product`: the service as it is, its noise drawn from a seeded stream. `control`: the same attack
 * where what protects is taken away (exact answers, or quotas that promise too much); there it must win, or it could
 * not fail either.
 */
export type Against = 'product' | 'control' | Flaw;

/** What came of an attack: so many secrets, each guessed once. */
export interface Outcome {
  readonly trials: number;
  /** Guesses that were right. */
  readonly successes: number;
  /** What the ledger was charged for the answers that speak of one secret, nano-ρ; 0 in a control. */
  readonly nanoRhoEach: number;
  /** What had to hold whatever was guessed, and did not, in words. */
  readonly violations: readonly string[];
}

/** One way to learn more than was paid for. */
export interface Attack {
  readonly name: string;
  /** What the attacker knows, asks and guesses. */
  readonly about: string;
  /** The bound, for a person. */
  readonly formula: string;
  /** The largest chance of one right guess that the charged loss allows, whatever the attacker does with the answers. */
  readonly bound: (outcome: Outcome) => number;
  /** Runs the attack against a database and a retailer of its own. The same in every run. */
  readonly run: (against: Against) => Promise<Outcome>;
}
