import { randomUUID } from 'node:crypto';
import { newId, systemClock } from '#core';
import type { AudienceDto, AudienceEstimateDto, AudienceSizeDto, SizingQuoteDto } from '../audiences/audiences.dto.ts';
import type { ProblemDto } from '../common/problem.dto.ts';
import type { ConsentReceiptDto } from '../consent/consent.dto.ts';
import type { BudgetListDto, ChargePage } from '../releases/budgets.dto.ts';
import type { DemoKeys } from './demo-tenants.ts';
import { tinyDefinition, tourDefinition, tourDefinitionOtherwise } from './tour-audiences.ts';
import type { HttpAnswer, HttpClient } from './tour-client.ts';
import type { TourReport } from './tour-report.ts';
import { expectStatus, hold, lines } from './tour-steps.ts';

export interface TourContext {
  readonly keys: Pick<DemoKeys, 'analyst' | 'agency' | 'manager' | 'brandId'>;
  /** SHA-256 of the loyalty number of a member of the tour's country. */
  readonly loyaltyIdSha256: string;
  /** Takes one readable line per step. */
  readonly say: (line: string) => void;
}

/**
 * Walks the main job over HTTP: from the catalogue to a private size, its replays, the budget and a withdrawn consent.
 * The brand must not have asked anything before.
 *
 * @throws TourFailure when a step does not hold.
 */
export async function walkTour(client: HttpClient, context: TourContext): Promise<TourReport> {
  const walk = new Walk(client, context);
  const catalogue = await walk.catalogue();
  const { audience, quote } = await walk.audience();
  const path = `/v1/audiences/${audience.body.id}/sizes`;
  const { size, again, otherwise } = await walk.size(path);
  const tiny = await walk.tiny();
  const refused = await walk.otherTenant(path);
  const spent = await walk.budget([size, again, otherwise, tiny]);
  const { receipt, fresh } = await walk.consent(path, size.body);
  return { ...catalogue, audience, quote, size, again, otherwise, tiny, ...refused, ...spent, receipt, fresh };
}

class Walk {
  readonly #client: HttpClient;
  readonly #context: TourContext;

  constructor(client: HttpClient, context: TourContext) {
    this.#client = client;
    this.#context = context;
  }

  async catalogue(): Promise<Pick<TourReport, 'categories' | 'regions'>> {
    const categories: TourReport['categories'] = await this.#get('/v1/catalog/categories?limit=200');
    const regions: TourReport['regions'] = await this.#get('/v1/catalog/regions?limit=200');
    expectStatus('catalogue', categories, 200);
    expectStatus('catalogue', regions, 200);
    hold('catalogue', categories.body.data.length > 0, 'the brand is sold in no category');
    this.#say('catalogue', lines.catalogue(categories.body, regions.body));
    return { categories, regions };
  }

  /** Saves the audience and asks what its size would cost. */
  async audience(): Promise<Pick<TourReport, 'audience' | 'quote'>> {
    const body = { name: 'Buyers of the category who have not tried us', definition: tourDefinition() };
    const audience = await this.#post<AudienceDto>('/v1/audiences', body);
    expectStatus('audience', audience, 201);
    this.#say('audience', lines.audience(audience.body));
    const path = `/v1/audiences/${audience.body.id}/sizes?dryRun=true`;
    const quote = await this.#post<SizingQuoteDto>(path, {});
    expectStatus('dry run', quote, 200);
    hold('dry run', quote.body.quote.affordable, 'the budget does not cover the price');
    this.#say('dry run', lines.quote(quote.body.quote));
    return { audience, quote };
  }

  /** One answer, and two questions that it answers too. */
  async size(path: string): Promise<Pick<TourReport, 'size' | 'again' | 'otherwise'>> {
    const size = await this.#post<AudienceSizeDto>(path, {});
    expectStatus('size', size, 200);
    hold('size', size.body.release?.verdict === 'RELEASED', 'the retailer is too small for its audience to be shown');
    this.#say('size', lines.size(size.body));
    const again = await this.#post<AudienceSizeDto>(path, {});
    this.#replay('same question', size, again);
    const body = { definition: tourDefinitionOtherwise() };
    const otherwise = await this.#post<AudienceEstimateDto>('/v1/audiences/estimate', body);
    this.#replay('other words', size, otherwise);
    return { size, again, otherwise };
  }

  async tiny(): Promise<HttpAnswer<AudienceEstimateDto>> {
    const tiny = await this.#post<AudienceEstimateDto>('/v1/audiences/estimate', { definition: tinyDefinition() });
    expectStatus('tiny audience', tiny, 200);
    const { release } = tiny.body;
    const hidden = release?.verdict === 'SUPPRESSED' && release.value === null && release.interval95 === null;
    hold('tiny audience', hidden, 'the answer is not a verdict alone');
    this.#say('tiny audience', lines.tiny(tiny.body));
    return tiny;
  }

  /** What belongs to another brand must look like what does not exist. */
  async otherTenant(path: string): Promise<Pick<TourReport, 'foreign' | 'unknown'>> {
    const { agency } = this.#context.keys;
    const unknownPath = `/v1/audiences/${newId('audience', systemClock.now())}/sizes`;
    const foreign = await this.#post<ProblemDto>(path, {}, agency);
    const unknown = await this.#post<ProblemDto>(unknownPath, {}, agency);
    expectStatus('other tenant', foreign, 404);
    expectStatus('other tenant', unknown, 404);
    hold('other tenant', anonymous(foreign.body) === anonymous(unknown.body), 'the two refusals differ');
    this.#say('other tenant', lines.otherTenant(foreign.body));
    return { foreign, unknown };
  }

  /** The budget must show what the answers said they cost. */
  async budget(asked: readonly HttpAnswer<AudienceEstimateDto>[]): Promise<Pick<TourReport, 'budgets' | 'charges'>> {
    const id = `brand:${this.#context.keys.brandId}`;
    const budgets = await this.#get<BudgetListDto>('/v1/budgets');
    const charges = await this.#get<ChargePage>(`/v1/budgets/${id}/charges`);
    expectStatus('budget', budgets, 200);
    expectStatus('budget', charges, 200);
    const month = budgets.body.data.find((budget) => budget.id === id && budget.period === 'month');
    const told = asked.reduce((sum, { body }) => sum + body.charged.nanoRho, 0);
    const listed = charges.body.data.reduce((sum, { nanoRho }) => sum + nanoRho, 0);
    const agree = month?.committedNanoRho === told && listed === told;
    hold('budget', agree, `the answers cost ${told} nano-ρ, the budget says ${month?.committedNanoRho}`);
    if (month !== undefined) this.#say('budget', lines.budget(month, charges.body.data.length));
    return { budgets, charges };
  }

  /** A member takes back consent: the next answer rests on new data. */
  async consent(path: string, before: AudienceSizeDto): Promise<Pick<TourReport, 'receipt' | 'fresh'>> {
    const { keys, loyaltyIdSha256 } = this.#context;
    const said = { purpose: 'audience_measurement', status: 'withdrawn', source: 'app', textVersion: '2025-06' };
    const event = { loyaltyIdSha256, ...said, at: new Date(systemClock.now()).toISOString() };
    const receipt = await this.#post<ConsentReceiptDto>('/admin/v1/consent-events', { events: [event] }, keys.manager);
    expectStatus('consent', receipt, 200);
    const [changed] = receipt.body.dataVersions;
    hold('consent', changed !== undefined, 'no data changed');
    this.#say('consent', lines.consent(changed));
    const fresh = await this.#post<AudienceSizeDto>(path, {});
    expectStatus('new data', fresh, 200);
    hold('new data', fresh.body.release?.dataVersion === changed.version, 'the answer is not of the new data');
    hold('new data', fresh.body.releaseId !== before.releaseId, 'the old answer was given again');
    this.#say('new data', lines.size(fresh.body));
    return { receipt, fresh };
  }

  #replay(step: string, first: HttpAnswer<AudienceEstimateDto>, later: HttpAnswer<AudienceEstimateDto>): void {
    expectStatus(step, later, 200);
    const { replayed, charged, release } = later.body;
    const same = JSON.stringify(release) === JSON.stringify(first.body.release);
    hold(step, replayed && charged.nanoRho === 0 && same, 'the answer was not replayed');
    this.#say(step, lines.replay(later.body));
  }

  #say(step: string, line: string): void {
    this.#context.say(`${step.padEnd(14)} ${line}`);
  }

  async #get<Body>(path: string): Promise<HttpAnswer<Body>> {
    return await this.#client.call<Body>({ method: 'GET', path, key: this.#context.keys.analyst });
  }

  async #post<Body>(path: string, body: object, key = this.#context.keys.analyst): Promise<HttpAnswer<Body>> {
    const headers = { 'Idempotency-Key': randomUUID() };
    return await this.#client.call<Body>({ method: 'POST', path, key, body, headers });
  }
}

/** A problem without what differs from one request to the next. */
const anonymous = (problem: ProblemDto): string =>
  JSON.stringify({ ...problem, traceId: undefined, instance: undefined });
