import type { BudgetCaps } from '../../src/config/config.ts';
import type { BookedAdjustment, BookedCharge } from './books.ts';

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

/** Final charges of one scope: how many, and how much. */
export interface Settled {
  readonly charges: bigint;
  readonly nanoRho: bigint;
}

/** What a reconciliation charged a scope. */
interface Restored extends Settled {
  readonly scope: string;
  readonly day: string;
}

/** An answer that somebody has seen: whatever becomes of the database, it was given. */
interface Shown {
  readonly scopes: readonly string[];
  readonly nanoRho: bigint;
  readonly day: string;
}

/** The database at some time. */
export interface ModelBackup {
  readonly releases: readonly ModelRelease[];
  readonly restored: readonly Restored[];
}

const NOTHING: Settled = { charges: 0n, nanoRho: 0n };

const dayOf = (now: number): string => new Date(now).toISOString().slice(0, 10);
const excess = (a: bigint, b: bigint): bigint => (a > b ? a - b : 0n);

/** What the gate must do, without a database: a list of releases and sums over it. */
export class LedgerModel {
  releases: ModelRelease[] = [];
  restored: Restored[] = [];
  readonly shown: Shown[] = [];
  readonly backups: ModelBackup[] = [];
  /** The database has less than was marked. */
  readOnly = false;
  #marked = new Map<string, Settled>();
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
    const { month, year } = this.windows();
    return scopes.every((scope) => {
      const [monthCap, yearCap] = scope.startsWith('global:')
        ? [this.#caps.globalMonth, this.#caps.globalYear]
        : [this.#caps.brandMonth, this.#caps.brandYear];
      return this.#held(scope, month) + nanoRho <= monthCap && this.#held(scope, year) + nanoRho <= yearCap;
    });
  }

  /** First days of the windows that end now. */
  windows(): { readonly month: string; readonly year: string } {
    return { month: `${dayOf(this.now).slice(0, 7)}-01`, year: dayOf(this.now - (YEAR_DAYS - 1) * DAY_MS) };
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

  /** Somebody sees the outcome of a release: what is final by now is marked first. */
  show(release: ModelRelease): void {
    if (release.state === 'refunded') return;
    this.#marked = this.#settled();
    const { scopes, nanoRho, day } = release;
    if (release.state === 'committed') this.shown.push({ scopes, nanoRho, day });
  }

  /** A process starts: it marks what the database has, unless that is less than was marked before. */
  start(): void {
    this.readOnly = this.missing().size > 0;
    if (!this.readOnly) this.#marked = this.#settled();
  }

  backUp(): void {
    this.backups.push({ releases: this.releases.map((release) => ({ ...release })), restored: [...this.restored] });
  }

  restore({ releases, restored }: ModelBackup): void {
    this.releases = releases.map((release) => ({ ...release }));
    this.restored = [...restored];
  }

  forgetMarks(): void {
    this.#marked.clear();
  }

  /** What the database lacks of the marks, scope by scope. */
  missing(): Map<string, Settled> {
    const settled = this.#settled();
    const lacking = [...this.#marked].map(([scope, marked]): [string, Settled] => {
      const { charges, nanoRho } = settled.get(scope) ?? NOTHING;
      return [scope, { charges: excess(marked.charges, charges), nanoRho: excess(marked.nanoRho, nanoRho) }];
    });
    return new Map(lacking.filter(([, { charges, nanoRho }]) => charges + nanoRho > 0n));
  }

  reconcile(): void {
    for (const [scope, missing] of this.missing()) this.restored.push({ scope, day: dayOf(this.now), ...missing });
    this.start();
  }

  /** Charges by scope, day and state, nano-ρ; nothing where the sum is zero. */
  sums(): Map<string, bigint> {
    const charges = this.releases.flatMap(({ scopes, day, nanoRho, state }) =>
      scopes.map((scope) => ({ scope, day, nanoRho, state: chargeState(state) })),
    );
    return sumsOf(
      charges,
      this.restored.map((entry) => ({ ...entry, kind: 'restore' })),
    );
  }

  #settled(): Map<string, Settled> {
    const charges = this.releases
      .filter(({ state }) => state === 'committed' || state === 'burned')
      .flatMap(({ scopes, nanoRho }) => scopes.map((scope) => ({ scope, charges: 1n, nanoRho })));
    const settled = new Map<string, Settled>();
    for (const { scope, charges: count, nanoRho } of [...charges, ...this.restored]) {
      const so = settled.get(scope) ?? NOTHING;
      settled.set(scope, { charges: so.charges + count, nanoRho: so.nanoRho + nanoRho });
    }
    return settled;
  }

  /** Counts later days too: a clock that was set back must not open a window that is full. */
  #held(scope: string, from: string): bigint {
    const held = [
      ...this.releases.filter(({ scopes, state }) => scopes.includes(scope) && state !== 'refunded'),
      ...this.restored.filter((entry) => entry.scope === scope),
    ];
    return held.filter(({ day }) => day >= from).reduce((sum, { nanoRho }) => sum + nanoRho, 0n);
  }
}

/** Sums of entries by scope, day and state or kind. */
export function sumsOf(
  charges: readonly Pick<BookedCharge, 'scope' | 'day' | 'state' | 'nanoRho'>[],
  adjustments: readonly Pick<BookedAdjustment, 'scope' | 'day' | 'kind' | 'nanoRho'>[],
): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  const entries = [
    ...charges.map(({ state, ...entry }) => ({ ...entry, what: state })),
    ...adjustments.map(({ kind, ...entry }) => ({ ...entry, what: kind })),
  ];
  for (const { scope, day, what, nanoRho } of entries) {
    const name = `${scope} ${day} ${what}`;
    sums.set(name, (sums.get(name) ?? 0n) + nanoRho);
  }
  return sums;
}

function chargeState(state: ModelRelease['state']): BookedCharge['state'] {
  if (state === 'refunded') return 'refunded';
  return state === 'reserved' || state === 'running' ? 'reserved' : 'committed';
}
