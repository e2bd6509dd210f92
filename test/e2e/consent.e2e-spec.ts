import { sha256Hex } from '#core';
import { demoLoyaltyNumber, demoWorld } from '#demo';
import type { Warehouse } from '#warehouse';
import type { AuditPage } from '../../src/audit/audit.dto.ts';
import type { ConsentReceiptDto } from '../../src/consent/consent.dto.ts';
import { tourMember } from '../../src/boot/tour-audiences.ts';
import { createTestApplication, TEST_RETAILER } from '../harness/application.ts';
import type { TestApplication } from '../harness/application.ts';
import { Caller, refusal } from './client.ts';
import { TOUR, audienceOf } from './questions.ts';
import { SteeredWarehouse } from './steered-warehouse.ts';

const PATH = '/admin/v1/consent-events';

let service: TestApplication;
let warehouse: SteeredWarehouse;
let analyst: Caller;
let manager: Caller;

const steer = (inner: Warehouse): Warehouse => (warehouse = new SteeredWarehouse(inner));

beforeAll(async () => {
  service = await createTestApplication({ name: 'consent', wrapWarehouse: steer });
  analyst = new Caller(service.url, service.keys.analyst);
  manager = new Caller(service.url, service.keys.manager);
});

afterAll(() => service.close());

const member = tourMember(TEST_RETAILER);
let said = Date.parse('2026-11-01T00:00:00Z');

/** One decision of a member, later than those before it. */
const decision = (status: string, more: object = {}): object => {
  said += 1_000;
  const at = new Date(said).toISOString();
  return {
    loyaltyIdSha256: member,
    purpose: 'audience_measurement',
    status,
    source: 'app',
    textVersion: '1',
    at,
    ...more,
  };
};

const record = async (...events: object[]): Promise<ConsentReceiptDto> => {
  const answer = await manager.post<ConsentReceiptDto>(PATH, { events });
  expect(answer.status).toBe(200);
  return answer.body;
};

/** Everybody in the country who may be counted: all its regions. */
const everybody = (): Record<string, unknown> => {
  const here = demoWorld().countries.find(({ country }) => country === TOUR.country);
  return { ...audienceOf({ region: { in: here?.regions.map(({ code }) => code) } }) };
};

/** The exact count behind the answer to a question. */
async function counted(purposes: readonly string[] = []): Promise<bigint> {
  const before = warehouse.counted.length;
  const answer = await analyst.estimate(everybody(), { purposes });
  expect(answer.status).toBe(200);
  expect(warehouse.counted).toHaveLength(before + 1);
  return warehouse.counted.at(-1) ?? -1n;
}

describe('consent', () => {
  it('decides about the next query: who withdraws is not counted, who grants again is', async () => {
    await record(decision('granted'));
    const before = await counted();
    const receipt = await record(decision('withdrawn'));
    expect(await counted()).toBe(before - 1n);
    const again = await record(decision('granted'));
    expect(again.dataVersions[0]?.version).toBe(Number(receipt.dataVersions[0]?.version) + 1);
    expect(await counted()).toBe(before);
  });

  it('is asked for purpose by purpose: all that a question names must be granted', async () => {
    await record(decision('granted'), decision('granted', { purpose: 'ads_social' }));
    const social = await counted(['ads_social']);
    await record(decision('withdrawn', { purpose: 'ads_social' }));
    expect(await counted(['ads_social'])).toBe(social - 1n);
    const all = await counted();
    expect(all).toBeGreaterThan(social);
    await record(decision('granted', { purpose: 'ads_social' }), decision('withdrawn'));
    expect(await counted(['ads_social'])).toBe(social - 1n);
  });

  it('changes no data when it says what was known, or names nobody', async () => {
    const event = decision('granted');
    await record(event);
    expect(await record(event)).toEqual({ received: 1, dataVersions: [] });
    const nobody = decision('granted', { loyaltyIdSha256: sha256Hex('nobody') });
    expect(await record(nobody)).toEqual({ received: 1, dataVersions: [] });
  });

  it('counts a member by the latest decision, in whatever order they arrive', async () => {
    const [early, late] = [decision('granted'), decision('withdrawn')];
    await record(late);
    const without = await counted();
    await record(early);
    expect(await counted()).toBe(without);
  });

  it('is recorded in the audit by number, never by name', async () => {
    const events = [1, 2, 3].map((number) =>
      decision('granted', { loyaltyIdSha256: sha256Hex(demoLoyaltyNumber(TEST_RETAILER.seed, number)) }),
    );
    const receipt = await record(...events);
    const { text, body } = await manager.get<AuditPage>('/admin/v1/audit/entries?limit=1');
    expect(body.data[0]).toMatchObject({ action: 'consent.recorded', stream: 'retailer', details: { received: 3 } });
    expect(receipt.received).toBe(3);
    for (const { loyaltyIdSha256 } of events as { loyaltyIdSha256: string }[])
      expect(text).not.toContain(loyaltyIdSha256);
  });
});

describe('refusals', () => {
  it.each([
    ['no events', { events: [] }, ['/events']],
    ['201 events', { events: Array.from({ length: 201 }, () => ({ purpose: 'ads_tv' })) }, undefined],
    ['a bare loyalty number', { loyaltyIdSha256: '9130000000017' }, ['/events/0/loyaltyIdSha256']],
    ['an unknown purpose', { purpose: 'everything' }, ['/events/0/purpose']],
    ['an unknown status', { status: 'maybe' }, ['/events/0/status']],
    ['no source', { source: '' }, ['/events/0/source']],
    ['a day instead of an instant', { at: 'yesterday' }, ['/events/0/at']],
    ['an instant to come', { at: '2099-01-01T00:00:00.000Z' }, ['/events/0/at']],
    ['an unknown member', { name: 'x' }, ['/events/0/name']],
  ])('name %s', async (_, change, pointers) => {
    const body = 'events' in change ? change : { events: [decision('granted', change)] };
    const answer = refusal(await manager.post(PATH, body));
    expect(answer).toMatchObject({
      status: 400,
      code: 'request-invalid',
      ...(pointers === undefined ? {} : { pointers }),
    });
  });

  it('take all events or none', async () => {
    const version = (await service.warehouse.dataVersion(TOUR.country)).version;
    const events = [decision('withdrawn'), decision('granted', { at: '2099-01-01T00:00:00.000Z' })];
    expect((await manager.post(PATH, { events })).status).toBe(400);
    expect((await service.warehouse.dataVersion(TOUR.country)).version).toBe(version);
  });

  it('ask for a credential and its scope, know their method and media types', async () => {
    const body = { events: [decision('granted')] };
    expect(refusal(await new Caller(service.url).post(PATH, body))).toEqual({ status: 401, code: 'not-authenticated' });
    expect(refusal(await analyst.post(PATH, body))).toEqual({ status: 403, code: 'scope-missing' });
    expect(refusal(await manager.get(PATH))).toEqual({ status: 405, code: 'method-not-allowed' });
    expect(refusal(await manager.post(PATH, body, { 'Content-Type': 'text/csv' }))).toEqual({
      status: 415,
      code: 'media-type-unsupported',
    });
    expect(refusal(await manager.post(PATH, body, { Accept: 'text/csv' }))).toEqual({
      status: 406,
      code: 'not-acceptable',
    });
    const large = { events: [decision('granted', { source: 'x'.repeat(70_000) })] };
    expect(refusal(await manager.post(PATH, large))).toEqual({ status: 413, code: 'payload-too-large' });
  });
});
