import { randomUUID } from 'node:crypto';
import type { AudienceDto, AudienceEstimateDto, AudienceSizeDto } from '../../src/audiences/audiences.dto.ts';
import { FetchClient } from '../../src/boot/tour-client.ts';
import type { HttpAnswer, HttpCall, HttpClient } from '../../src/boot/tour-client.ts';
import type { BudgetListDto, ChargePage } from '../../src/releases/budgets.dto.ts';
import type { BudgetPeriodDto } from '../../src/releases/release-view.dto.ts';
import { expectContract } from './contract.ts';

export type Answer<Body = unknown> = HttpAnswer<Body>;

/** A problem as a client reads it. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly traceId: string;
  readonly instance?: string;
  readonly errors?: readonly { readonly pointer: string; readonly code: string }[];
  readonly charged?: boolean;
  readonly budget?: { readonly scope: string; readonly leftNanoRho: number; readonly neededNanoRho: number };
}

type Headers = Readonly<Record<string, string>>;
type Definition = Readonly<Record<string, unknown>>;

/** One caller of the service. Every answer is held against the OpenAPI document before the test sees it. */
export class Caller implements HttpClient {
  readonly #http: HttpClient;
  readonly #key: string | undefined;

  constructor(url: string, key?: string) {
    this.#http = new FetchClient(url);
    this.#key = key;
  }

  async call<Body = unknown>(call: HttpCall): Promise<Answer<Body>> {
    const key = call.key ?? this.#key;
    const answer = await this.#http.call<Body>({ ...call, ...(key === undefined ? {} : { key }) });
    const { status, headers, body } = answer;
    const contentType = headers.get('content-type') ?? '';
    expectContract({ method: call.method, path: call.path.split('?')[0] ?? '', status, contentType, body });
    if (status >= 400) expectProblem(answer);
    return answer;
  }

  async get<Body = Problem>(path: string, headers: Headers = {}): Promise<Answer<Body>> {
    return await this.call<Body>({ method: 'GET', path, headers });
  }

  async post<Body = Problem>(path: string, body: unknown, headers: Headers = {}): Promise<Answer<Body>> {
    return await this.call<Body>({ method: 'POST', path, body, headers });
  }

  async delete<Body = Problem>(path: string, headers: Headers = {}): Promise<Answer<Body>> {
    return await this.call<Body>({ method: 'DELETE', path, headers });
  }

  /** A POST that spends, under a new `Idempotency-Key` unless one is given. */
  async spend<Body = AudienceEstimateDto>(path: string, body: unknown, key?: string): Promise<Answer<Body>> {
    return await this.post<Body>(path, body, { 'Idempotency-Key': key ?? randomUUID() });
  }

  async estimate<Body = AudienceEstimateDto>(definition: Definition, options: object = {}): Promise<Answer<Body>> {
    return await this.spend<Body>('/v1/audiences/estimate', { definition, ...options });
  }

  async saved(definition: Definition, name = 'Saved by a test'): Promise<AudienceDto> {
    const answer = await this.post<AudienceDto>('/v1/audiences', { name, definition });
    if (answer.status !== 201) throw new Error(`the audience was not saved: ${answer.text}`);
    return answer.body;
  }

  async sized(audienceId: string, options: object = {}): Promise<Answer<AudienceSizeDto>> {
    return await this.spend<AudienceSizeDto>(`/v1/audiences/${audienceId}/sizes`, options);
  }

  /** The brand's budget of this month. */
  async month(brandId: string): Promise<BudgetPeriodDto> {
    const { body } = await this.get<BudgetListDto>('/v1/budgets');
    const found = body.data.find(({ id, period }) => id === `brand:${brandId}` && period === 'month');
    if (found === undefined) throw new Error('the brand has no budget');
    return found;
  }

  async charges(brandId: string): Promise<ChargePage['data']> {
    return (await this.get<ChargePage>(`/v1/budgets/brand:${brandId}/charges?limit=200`)).body.data;
  }
}

/** What every refusal is, whoever gives it. */
function expectProblem({ status, headers, body }: Answer): void {
  const { code } = body as Problem;
  expect(headers.get('content-type')).toBe('application/problem+json');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(body).toMatchObject({ status, type: `/problems/${code}`, traceId: headers.get('x-request-id') });
}

/** The bytes of `release` in an answer, as they were sent. */
export function releaseBytes({ text }: Answer): string {
  const found = /"release":(\{.*?\}),"failure"/s.exec(text)?.[1];
  if (found === undefined) throw new Error(`no release in ${text}`);
  return found;
}

/** A refusal without what differs from one request to the next. */
export function anonymous({ body }: Answer): object {
  return { ...(body as Problem), traceId: undefined, instance: undefined };
}

/** Status, code and the places a refusal points at, each once. */
export function refusal({ status, body }: Answer): { status: number; code: string; pointers?: string[] } {
  const { code, errors } = body as Problem;
  return {
    status,
    code,
    ...(errors === undefined ? {} : { pointers: [...new Set(errors.map(({ pointer }) => pointer))] }),
  };
}
