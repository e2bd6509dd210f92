import { randomUUID } from 'node:crypto';
import { parseDefinition } from '#audience';
import type { Rule } from '#audience';
import { MovableClock } from '#core';
import { openRaw } from '../../libs/core/raw.ts';
import { seededRandom } from '../../libs/privacy/testing.ts';
import { SizingService } from '../../src/audiences/sizing.service.ts';
import type { AudienceEstimateDto, SizingQuoteDto } from '../../src/audiences/audiences.dto.ts';
import { FetchClient } from '../../src/boot/tour-client.ts';
import type { HttpAnswer, HttpCall } from '../../src/boot/tour-client.ts';
import type { BudgetListDto } from '../../src/releases/budgets.dto.ts';
import { TOUR, audienceOf } from '../e2e/questions.ts';
import { createTestApplication } from '../harness/application.ts';
import type { TestApplication } from '../harness/application.ts';
import type { Against } from './attack.ts';
import { READ, SIGMA } from './bounds.ts';
import type { Target } from './retailer-rows.ts';
import { CROWD } from './segments.ts';

const NOW = '2026-11-10T12:00:00Z';
/** Smallest audience that is shown where the rule is on the exact count. */
export const MINIMUM_COHORT = 1_000;
const EVENTS_PER_CALL = 100;

/** What the attacker is told: a size, or that the audience is too small to be shown. */
export interface Told {
  readonly value: number | null;
  /** The release as it was sent, byte for byte. */
  readonly bytes: string;
}

export interface AttackedServiceOptions {
  readonly name: string;
  readonly against: Against;
  readonly env?: Readonly<Record<string, string>>;
}

/** What all answers so far cost. */
interface Account {
  /** As charged to the country, nano-ρ. */
  readonly nanoRho: number;
  readonly violations: readonly string[];
}

/**
 * The whole service with the demo's tenants, default caps unless `env` says otherwise, and noise from a stream seeded
 * by the attack's name. As a control it answers the same questions exactly, by the same compiled queries.
 */
export class AttackedService {
  readonly #clock: MovableClock;
  readonly #haven: TestApplication;
  readonly #http: FetchClient;
  readonly #against: Against;
  /** Every release that was told, as it was sent. */
  readonly #releases = new Set<string>();

  private constructor(haven: TestApplication, clock: MovableClock, against: Against) {
    this.#haven = haven;
    this.#clock = clock;
    this.#http = new FetchClient(haven.url);
    this.#against = against;
  }

  /** Runs `work` on a service of its own and closes it. */
  static async use<T>(options: AttackedServiceOptions, work: (service: AttackedService) => Promise<T>): Promise<T> {
    const { name, against, env } = options;
    const clock = new MovableClock(NOW);
    const random = seededRandom(name);
    const haven = await inTurn(() => createTestApplication({ name: 'attack', clock, random, ...(env && { env }) }));
    try {
      return await work(new AttackedService(haven, clock, against));
    } finally {
      await haven.close();
    }
  }

  get keys(): TestApplication['keys'] {
    return this.#haven.keys;
  }

  /** Asks for a standard size under a key, the analyst's by default; undefined where a budget refuses. */
  async ask(rule: Rule, key = this.keys.analyst): Promise<Told | undefined> {
    if (this.#against === 'control') {
      const exact = await this.known(rule);
      const value = exact >= MINIMUM_COHORT ? exact : null;
      return { value, bytes: String(value) };
    }
    const told = await this.#asked(rule, key);
    if (this.#against === 'product' || told === undefined) return told;
    return { ...told, value: this.#against.tell(await this.known(rule), rule) };
  }

  async #asked(rule: Rule, key: string): Promise<Told | undefined> {
    const { status, text, body } = await this.call<AudienceEstimateDto & { code?: string }>({
      method: 'POST',
      path: '/v1/audiences/estimate',
      key,
      body: { definition: audienceOf(rule) },
      headers: { 'Idempotency-Key': randomUUID() },
    });
    if (body.code === 'privacy-budget-exhausted') return undefined;
    const bytes = /"release":(\{.*?\}),"failure"/s.exec(text)?.[1];
    if (status !== 200 || bytes === undefined || body.release === null) throw new Error(`no size but ${text}`);
    if (body.release.sigma !== SIGMA) throw new Error(`σ is ${body.release.sigma}, must be ${SIGMA}`);
    this.#releases.add(bytes);
    return { value: body.release.value, bytes };
  }

  /** The size told of an audience that is large and can be afforded. */
  async size(rule: Rule, key?: string): Promise<number> {
    const answer = await this.ask(rule, key);
    if (answer === undefined) throw new Error('a budget refused what the attack has planned for');
    if (answer.value === null) throw new Error('an audience far above the minimum cohort was suppressed');
    return answer.value;
  }

  /** The exact size. The attacker may use it where no target can be in the audience: he knows everybody else. */
  async known(rule: Rule): Promise<number> {
    const sizing = this.#haven.app.get(SizingService, { strict: false });
    const { statement, question } = await sizing.prepare({
      brandId: this.keys.brandId,
      definition: parseDefinition(audienceOf(rule)),
      precision: 'standard',
      meantFor: [],
    });
    const raw = await this.#haven.warehouse.count(statement, {
      country: question.country,
      dataVersion: question.dataVersion,
      deadlineMs: 60_000,
      tag: { tenant: 'attack', kind: 'exact' },
    });
    return Number(openRaw(raw));
  }

  /** The published threshold on the noisy size. */
  async tau(): Promise<number> {
    const { body } = await this.call<SizingQuoteDto>({
      method: 'POST',
      path: '/v1/audiences/estimate?dryRun=true',
      key: this.keys.analyst,
      body: { definition: audienceOf(CROWD) },
    });
    return body.quote.tau;
  }

  /** What the account manager reads in the ledger, and whether every release that was told is in it. */
  async account(): Promise<Account> {
    const { body } = await this.call<BudgetListDto>({
      method: 'GET',
      path: '/admin/v1/budgets',
      key: this.keys.manager,
    });
    const month = body.data.find(({ id, period }) => id === `global:${TOUR.country}` && period === 'month');
    const nanoRho = (month?.committedNanoRho ?? 0) + (month?.reservedNanoRho ?? 0);
    const due = this.#releases.size * READ;
    const violations =
      nanoRho === due ? [] : [`${this.#releases.size} releases were charged ${nanoRho} nano-ρ, not ${due}`];
    return { nanoRho, violations };
  }

  /** Members take back their consent, all at once: to every later question it is as if they were not there. */
  async withdraw(members: readonly Target[]): Promise<void> {
    this.#clock.move(1_000);
    const events = members.map(({ loyaltyIdSha256 }) => ({
      loyaltyIdSha256,
      purpose: 'audience_measurement',
      status: 'withdrawn',
      source: 'app',
      textVersion: '1',
      at: new Date(this.#clock.now()).toISOString(),
    }));
    for (let from = 0; from < events.length; from += EVENTS_PER_CALL) {
      const body = { events: events.slice(from, from + EVENTS_PER_CALL) };
      const { status, text } = await this.manage('/admin/v1/consent-events', body);
      if (status !== 200) throw new Error(`the consent was not recorded: ${text}`);
    }
  }

  /** A POST of the account manager. */
  async manage<Body = unknown>(path: string, body: object): Promise<HttpAnswer<Body>> {
    return await this.call<Body>({ method: 'POST', path, key: this.keys.manager, body });
  }

  async call<Body>(call: HttpCall): Promise<HttpAnswer<Body>> {
    return await this.#http.call<Body>(call);
  }
}

let lastBoot: Promise<unknown> = Promise.resolve();

/** One boot after the other: the first one of a process builds the retailer for all. */
async function inTurn<T>(boot: () => Promise<T>): Promise<T> {
  const mine = lastBoot.then(boot);
  lastBoot = mine.catch(() => undefined);
  return await mine;
}
