import type { BudgetCaps } from '../../src/config/config.ts';
import type { BookedCharge } from './books.ts';

const DAY_MS = 86_400_000;
const YEAR_DAYS = 365;

export interface ModelRelease {
  readonly key: string;
  readonly scopes: readonly string[];
  readonly nanoRho: bigint;
  readonly day: string;
  state: 'reserved' | 'running' | 'committed' | 'burned' | 'refunded';
  leaseUntil: number;
  answer?: string;
}

const dayOf = (now: number): string => new Date(now).toISOString().slice(0, 10);

/** What the gate must do, without a database: a list of releases and sums over it. */
export class LedgerModel {
  readonly releases: ModelRelease[] = [];
  readonly #caps: BudgetCaps;
  readonly #leaseMs: number;
  now: number;

  constructor(caps: BudgetCaps, leaseMs: number, now: number) {
    this.#caps = caps;
    this.#leaseMs = leaseMs;
    this.now = now;
  }

  /** The open or answered release of a question. */
  live(key: string): ModelRelease | undefined {
    return this.releases.find(
      (release) => release.key === key && ['reserved', 'running', 'committed'].includes(release.state),
    );
  }

  isExpired(release: ModelRelease): boolean {
    return (release.state === 'reserved' || release.state === 'running') && release.leaseUntil <= this.now;
  }

  /** What becomes of a release whose process died: unused before its query, spent after. */
  settle(release: ModelRelease): void {
    release.state = release.state === 'reserved' ? 'refunded' : 'burned';
  }

  /** Whether the price fits below every cap: of this month and of the 365 days that end today. */
  fits(scopes: readonly string[], nanoRho: bigint): boolean {
    const today = dayOf(this.now);
    const firstOfYear = dayOf(this.now - (YEAR_DAYS - 1) * DAY_MS);
    return scopes.every((scope) => {
      const [month, year] = scope.startsWith('global:')
        ? [this.#caps.globalMonth, this.#caps.globalYear]
        : [this.#caps.brandMonth, this.#caps.brandYear];
      return (
        this.#held(scope, `${today.slice(0, 7)}-01`) + nanoRho <= month &&
        this.#held(scope, firstOfYear) + nanoRho <= year
      );
    });
  }

  add(key: string, scopes: readonly string[], nanoRho: bigint, state: ModelRelease['state']): ModelRelease {
    const release: ModelRelease = {
      key,
      scopes,
      nanoRho,
      state,
      day: dayOf(this.now),
      leaseUntil: this.now + this.#leaseMs,
    };
    this.releases.push(release);
    return release;
  }

  /** Charges by scope, day and state, nano-ρ; nothing where the sum is zero. */
  sums(): Map<string, bigint> {
    const charges = this.releases.flatMap(({ scopes, day, nanoRho, state }) =>
      scopes.map((scope) => ({ releaseId: '', scope, day, nanoRho, state: chargeState(state) })),
    );
    return sumsOf(charges);
  }

  /** Counts later days too: a clock that was set back must not open a window that is full. */
  #held(scope: string, from: string): bigint {
    return this.releases
      .filter((release) => release.scopes.includes(scope) && release.state !== 'refunded' && release.day >= from)
      .reduce((sum, release) => sum + release.nanoRho, 0n);
  }
}

/** Sums of charges by scope, day and state. */
export function sumsOf(charges: readonly BookedCharge[]): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const { scope, day, state, nanoRho } of charges) {
    const name = `${scope} ${day} ${state}`;
    sums.set(name, (sums.get(name) ?? 0n) + nanoRho);
  }
  return sums;
}

function chargeState(state: ModelRelease['state']): BookedCharge['state'] {
  if (state === 'refunded') return 'refunded';
  return state === 'reserved' || state === 'running' ? 'reserved' : 'committed';
}
