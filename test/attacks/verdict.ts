import type { Attack, Outcome } from './attack.ts';
import { ceilingOf } from './bounds.ts';

/** Odds of calling a sound product broken, per attack, were its noise not seeded. */
export const ODDS = 1e-4;
/** What an attack must reach where nothing protects. */
const WINNING = 0.95;

export interface Verdict {
  readonly name: string;
  readonly trials: number;
  /** Share of the guesses that were right. */
  readonly success: number;
  /** The largest chance of one right guess. */
  readonly bound: number;
  /** The largest share of right guesses in so many trials that does not refute the bound at `ODDS`. */
  readonly ceiling: number;
  /** Success where nothing protects. */
  readonly control: number;
  /** Why this does not pass; empty when it does. */
  readonly faults: readonly string[];
}

/** Holds what an attack achieved against its bound, and its control against the product. */
export function judge({ name, bound }: Pick<Attack, 'name' | 'bound'>, product: Outcome, control: Outcome): Verdict {
  const chance = bound(product);
  const ceiling = ceilingOf(product.trials, chance, ODDS) / product.trials;
  const [success, controlled] = [share(product), share(control)];
  return {
    name,
    trials: product.trials,
    success,
    bound: chance,
    ceiling,
    control: controlled,
    faults: [
      ...product.violations,
      ...control.violations.map((violation) => `control: ${violation}`),
      ...(product.nanoRhoEach > 0 ? [] : ['the answers were charged nothing']),
      ...(success <= ceiling ? [] : [`${percent(success)} succeed, must be at most ${percent(ceiling)}`]),
      ...(controlled >= WINNING ? [] : [`the control has ${percent(controlled)}, must win`]),
      ...(ceiling < WINNING ? [] : ['so few trials could not tell a winner']),
    ],
  };
}

const share = ({ successes, trials }: Outcome): number => successes / trials;

export const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;

/** Runs an attack against the product and the control. */
export async function verdictOf(attack: Attack): Promise<Verdict> {
  return judge(attack, await attack.run('product'), await attack.run('control'));
}
