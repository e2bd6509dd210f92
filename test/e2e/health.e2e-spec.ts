import type { Warehouse } from '#warehouse';
import { createTestApplication } from '../harness/application.ts';
import type { TestApplication } from '../harness/application.ts';
import { Caller, refusal } from './client.ts';
import { SteeredWarehouse } from './steered-warehouse.ts';

interface Readiness {
  readonly status: string;
  readonly details: Readonly<Record<string, { readonly status: string }>>;
}

/** Prometheus text exposition format 0.0.4. */
const METRIC_LINE = /^(# (HELP|TYPE) \S+ .+|[a-z_:][\w:]*(\{[^{}]*\})? (-?[\d.e+-]+|NaN|[+-]Inf)( \d+)?)$/i;

let service: TestApplication;
let warehouse: SteeredWarehouse;
let anybody: Caller;

const steer = (inner: Warehouse): Warehouse => (warehouse = new SteeredWarehouse(inner));

beforeAll(async () => {
  const env = { HAVEN_RATE_PER_MINUTE: '5' };
  service = await createTestApplication({ name: 'health', members: 1_000, wrapWarehouse: steer, env });
  anybody = new Caller(service.url);
});

afterAll(() => service.close());

describe('probes', () => {
  it('say without a credential that the process lives and that its stores answer', async () => {
    const live = await anybody.get<{ status: string }>('/healthz');
    expect([live.status, live.body]).toEqual([200, { status: 'ok' }]);
    const ready = await anybody.get<Readiness>('/readyz');
    expect(ready.status).toBe(200);
    expect(ready.body.status).toBe('ok');
    expect(ready.body.details).toMatchObject({ database: { status: 'up' }, warehouse: { status: 'up' } });
  });

  it('take the service out of rotation while the warehouse is out of reach, and keep the process', async () => {
    warehouse.healthy = false;
    const cut = await anybody.get('/readyz');
    expect(refusal(cut)).toEqual({ status: 503, code: 'service-unavailable' });
    expect(Number(cut.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(cut.text).not.toContain('steered');
    expect((await anybody.get('/healthz')).status).toBe(200);
    warehouse.healthy = true;
    expect((await anybody.get('/readyz')).status).toBe(200);
  });

  it('are asked as often as a platform likes', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => anybody.get('/healthz')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(answers[0]?.headers.get('ratelimit')).toBeNull();
  });

  it.each(['/healthz', '/readyz', '/metrics'])('of %s are read, not written', async (path) => {
    const wrong = await anybody.post(path, {});
    expect(refusal(wrong)).toEqual({ status: 405, code: 'method-not-allowed' });
    expect(wrong.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
  });
});

describe('metrics', () => {
  it('are in the Prometheus text form and name neither brand nor member', async () => {
    const { status, headers, text } = await anybody.get('/metrics');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(text).toMatch(/^process_cpu_seconds_total \d/m);
    for (const line of text.split('\n').filter(Boolean)) expect(line).toMatch(METRIC_LINE);
    expect(text).not.toMatch(/brd_|aud_|rel_|key_/);
  });

  it('are given to a scraper that accepts text only, and refused to one that does not', async () => {
    expect((await anybody.get('/metrics', { Accept: 'text/plain' })).status).toBe(200);
    expect(refusal(await anybody.get('/metrics', { Accept: 'image/png' })).status).toBe(406);
  });
});

describe('what is not there', () => {
  it.each(['/', '/v2/me', '/v1', '/healthz/deep', '/admin'])('is a 404 problem (%s)', async (path) => {
    expect(refusal(await anybody.get(path))).toEqual({ status: 404, code: 'not-found' });
  });
});
