import { createTestApplication, TEST_RETAILER } from '../harness/application.ts';
import type { TestApplication } from '../harness/application.ts';
import { tourMember } from '../../src/boot/tour-audiences.ts';
import type { TourReport } from '../../src/boot/tour-report.ts';
import { walkTour } from '../../src/boot/tour.ts';
import { Caller, anonymous, releaseBytes } from './client.ts';

/** Then 2,238 members are in the tour's audience: seven standard deviations above the threshold of 1,475. */
const MEMBERS = 70_000;
const ONE_READ = { nanoRho: 50_000, reads: 1 };
const NOTHING = { nanoRho: 0, reads: 0 };

let service: TestApplication;
let report: TourReport;
const said: string[] = [];

beforeAll(async () => {
  service = await createTestApplication({ name: 'tour', members: MEMBERS });
  report = await walkTour(new Caller(service.url), {
    keys: service.keys,
    loyaltyIdSha256: tourMember(TEST_RETAILER),
    say: (line) => said.push(line),
  });
}, 300_000);

afterAll(() => service.close());

describe('the tour', () => {
  it('prices the question without charging anything', () => {
    expect(report.quote.body.quote).toMatchObject({ ...ONE_READ, sigma: 100, tau: 1475, interval95HalfWidth: 196 });
    expect(report.quote.body.quote).toMatchObject({ replay: false, affordable: true });
  });

  it('gives the size with its error, its price and what it rests on', () => {
    const { body } = report.size;
    expect(body).toMatchObject({ state: 'SUCCEEDED', replayed: false, charged: ONE_READ, audienceVersion: 1 });
    const { value, interval95 } = body.release ?? {};
    expect(body.release).toMatchObject({ verdict: 'RELEASED', sigma: 100, k: 1000, tau: 1475, dataVersion: 1 });
    expect(body.release?.purposes).toEqual(['audience_measurement']);
    expect(interval95).toEqual([Number(value) - 196, Number(value) + 196]);
    expect(report.size.headers.get('location')).toBe(
      `/v1/audiences/${report.audience.body.id}/sizes/${body.releaseId}`,
    );
  });

  it.each(['again', 'otherwise'] as const)('replays the same bytes at no charge (%s)', (step) => {
    expect(report[step].body).toMatchObject({ replayed: true, charged: NOTHING });
    expect(releaseBytes(report[step])).toBe(releaseBytes(report.size));
  });

  it('answers a tiny audience with a verdict, no number, and the same price', () => {
    expect(report.tiny.body.charged).toEqual(ONE_READ);
    expect(report.tiny.body.release).toMatchObject({
      verdict: 'SUPPRESSED',
      reason: 'BELOW_MINIMUM_COHORT',
      value: null,
      interval95: null,
    });
  });

  it('shows another tenant the same 404 for what exists and what does not', () => {
    expect(report.foreign.status).toBe(404);
    expect(anonymous(report.foreign)).toEqual(anonymous(report.unknown));
    expect([...report.foreign.headers.keys()]).toEqual([...report.unknown.headers.keys()]);
  });

  it('shows in the budget the sum of what the answers cost', () => {
    const months = report.budgets.body.data.filter(({ period }) => period === 'month');
    const spent = (id: string): unknown => months.find((budget) => budget.id === id)?.committedNanoRho;
    expect(spent(`brand:${service.keys.brandId}`)).toBe(100_000);
    expect(spent('global:FR')).toBe(100_000);
    const charges = report.charges.body.data.map(({ releaseId, nanoRho, state }) => ({ releaseId, nanoRho, state }));
    expect(charges).toEqual(
      [report.tiny, report.size].map(({ body }) => ({
        releaseId: body.releaseId,
        nanoRho: 50_000,
        state: 'committed',
      })),
    );
  });

  it('obeys a withdrawn consent from the next question on: new data, a new release, a new charge', () => {
    expect(report.receipt.body).toMatchObject({ received: 1, dataVersions: [{ country: 'FR', version: 2 }] });
    const { body } = report.fresh;
    expect(body).toMatchObject({ replayed: false, charged: ONE_READ, release: { dataVersion: 2 } });
    expect(body.releaseId).not.toBe(report.size.body.releaseId);
    expect(body.release?.consentAsOf).toBe(report.receipt.body.dataVersions[0]?.consentAsOf);
  });

  it('tells every step in a line', () => {
    expect(said.map((line) => line.slice(0, 14).trim())).toEqual([
      'catalogue',
      'audience',
      'dry run',
      'size',
      'same question',
      'other words',
      'tiny audience',
      'other tenant',
      'budget',
      'consent',
      'new data',
    ]);
  });
});
