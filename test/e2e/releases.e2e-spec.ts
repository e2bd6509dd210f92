import { setTimeout as delay } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { MovableClock } from '#core';
import type { AuditPage, AuditVerdictDto } from '../../src/audit/audit.dto.ts';
import type { ReleasePage, ReleaseViewDto } from '../../src/releases/release-view.dto.ts';
import { createTestApplication } from '../harness/application.ts';
import type { TestApplication } from '../harness/application.ts';
import { Caller, anonymous, refusal, releaseBytes } from './client.ts';
import { largeAudience, unknownId } from './questions.ts';
import { found } from './settled.ts';

const SLOT_MS = 500;

/** Stands still unless a test moves it; begins between two slots. */
const clock = new MovableClock('2026-11-15T10:00:00.123Z');
let service: TestApplication;
let analyst: Caller;
let agency: Caller;

beforeAll(async () => {
  service = await createTestApplication({ name: 'releases', clock, env: { RELEASE_SLOT_MS: String(SLOT_MS) } });
  analyst = new Caller(service.url, service.keys.analyst);
  agency = new Caller(service.url, service.keys.agency);
});

afterAll(() => service.close());

/** Asks, does not wait for the answer, and returns when it is stored; it does not show before its slot. */
async function stored(caller: Caller, number: number): Promise<string> {
  const body = { definition: largeAudience(number) };
  const answer = await caller.spend('/v1/audiences/estimate?wait=0', body);
  expect(answer.status).toBe(202);
  const { releaseId } = answer.body;
  const source = service.app.get(DataSource, { strict: false });
  for (let look = 0; look < 1_000; look++) {
    const sql = `SELECT 1 FROM release WHERE id = $1 AND state = 'committed'`;
    if ((await source.query<unknown[]>(sql, [releaseId])).length > 0) return releaseId;
    await delay(10);
  }
  throw new Error(`${releaseId} was not answered within 10 s`);
}

/** A release that shows. */
async function released(caller: Caller, number: number): Promise<ReleaseViewDto> {
  const id = await stored(caller, number);
  clock.move(2 * SLOT_MS);
  // What is stored shows once its charge is marked; who looks before that is told at a later slot.
  return await found(`release ${id}`, async () => {
    const { body } = await caller.get<ReleaseViewDto>(`/v1/releases/${id}`);
    return body.state === 'RUNNING' ? undefined : body;
  });
}

const read = async (id: string): Promise<ReleaseViewDto> =>
  (await analyst.get<ReleaseViewDto>(`/v1/releases/${id}`)).body;

describe('slots', () => {
  it('hide an answer that exists until the first boundary a slot after it was asked for, however soon it was there', async () => {
    const id = await stored(analyst, 1);
    const boundary = Math.ceil((clock.now() + SLOT_MS) / SLOT_MS) * SLOT_MS;
    const before = await read(id);
    expect(before).toMatchObject({ state: 'RUNNING', release: null, failure: null });
    clock.move(boundary - clock.now() - 1);
    expect(await read(id)).toMatchObject({ state: 'RUNNING', release: null });
    const listed = await analyst.get<ReleasePage>('/v1/releases');
    expect(listed.body.data[0]).toMatchObject({ releaseId: id, state: 'RUNNING', release: null });
    clock.move(1);
    const after = await read(id);
    expect(after.state).toBe('SUCCEEDED');
    expect(after.release?.releasedAt).toBe(new Date(boundary).toISOString());
    expect(boundary % SLOT_MS).toBe(0);
  });

  it('hold back a replay of an answer that is not yet shown', async () => {
    clock.move(SLOT_MS / 2);
    const id = await stored(analyst, 2);
    const body = { definition: largeAudience(2) };
    const early = await analyst.spend('/v1/audiences/estimate?wait=0', body);
    expect(early.status).toBe(202);
    expect(early.body).toMatchObject({ releaseId: id, replayed: true, state: 'RUNNING', release: null });
    expect(early.body.charged.nanoRho).toBe(0);
    clock.move(2 * SLOT_MS);
    const late = await found('the replay', async () => {
      const answer = await analyst.spend('/v1/audiences/estimate?wait=0', body);
      return answer.status === 202 ? undefined : answer;
    });
    expect(late.status).toBe(200);
    expect(late.body).toMatchObject({ releaseId: id, replayed: true, state: 'SUCCEEDED' });
  });
});

describe('GET /v1/releases', () => {
  it('reads a release again at no charge, the same bytes each time', async () => {
    const { releaseId } = await released(analyst, 3);
    const answers = [
      await analyst.get<ReleaseViewDto>(`/v1/releases/${releaseId}`),
      await analyst.get<ReleaseViewDto>(`/v1/releases/${releaseId}?wait=5`),
    ];
    expect(new Set(answers.map(releaseBytes)).size).toBe(1);
    for (const { body } of answers) expect(body).toMatchObject({ replayed: true, charged: { nanoRho: 0, reads: 0 } });
  });

  it('lists newest first in pages that stand still while releases are added', async () => {
    const ids: string[] = [];
    for (const number of [10, 11, 12]) ids.unshift((await released(agency, number)).releaseId);
    const first = await agency.get<ReleasePage>('/v1/releases?limit=2');
    await released(agency, 13);
    const second = await agency.get<ReleasePage>(`/v1/releases?limit=2&cursor=${first.body.nextCursor}`);
    expect([first, second].flatMap(({ body }) => body.data.map(({ releaseId }) => releaseId))).toEqual(ids);
    expect(second.body.nextCursor).toBeNull();
    const own = first.body.data.every(({ chargedTo }) => chargedTo === service.keys.otherBrandId);
    expect(own).toBe(true);
  });

  it('filters by audience, and a cursor keeps to its filter', async () => {
    const saved = await analyst.saved(largeAudience(20));
    for (const precision of ['coarse', 'fine']) {
      await analyst.spend(`/v1/audiences/${saved.id}/sizes?wait=0`, { precision });
      clock.move(1);
    }
    const path = `/v1/releases?audience=${saved.id}`;
    const all = await analyst.get<ReleasePage>(path);
    expect(all.body.data).toHaveLength(2);
    const page = await analyst.get<ReleasePage>(`${path}&limit=1`);
    const { nextCursor } = page.body;
    const rest = await analyst.get<ReleasePage>(`${path}&limit=1&cursor=${nextCursor}`);
    expect([...page.body.data, ...rest.body.data].map(({ releaseId }) => releaseId)).toEqual(
      all.body.data.map(({ releaseId }) => releaseId),
    );
    const invalid = { status: 400, code: 'cursor-invalid', pointers: ['/cursor'] };
    expect(refusal(await analyst.get(`/v1/releases?cursor=${nextCursor}`))).toEqual(invalid);
    expect(refusal(await analyst.get(`${path}&cursor=${String(nextCursor).toLowerCase()}`))).toEqual(invalid);
    const foreign = await agency.get<ReleasePage>(path);
    expect(foreign.body.data).toEqual([]);
  });

  it("answers for another brand's release as for none", async () => {
    const { releaseId } = await released(analyst, 4);
    const foreign = await agency.get(`/v1/releases/${releaseId}`);
    const unknown = await agency.get(`/v1/releases/${unknownId('rel')}`);
    expect(foreign.status).toBe(404);
    expect(anonymous(foreign)).toEqual(anonymous(unknown));
  });

  it.each(['limit=0', 'audience=aud_1', 'state=RUNNING'])('refuses ?%s', async (query) => {
    expect(refusal(await analyst.get(`/v1/releases?${query}`))).toMatchObject({ status: 400, code: 'request-invalid' });
  });

  it('asks for a credential and its scope, knows its methods and gives JSON only', async () => {
    for (const path of ['/v1/releases', `/v1/releases/${unknownId('rel')}`]) {
      expect(refusal(await new Caller(service.url).get(path))).toEqual({ status: 401, code: 'not-authenticated' });
      const manager = new Caller(service.url, service.keys.manager);
      expect(refusal(await manager.get(path))).toEqual({ status: 403, code: 'scope-missing' });
      expect(refusal(await analyst.delete(path))).toEqual({ status: 405, code: 'method-not-allowed' });
      expect(refusal(await analyst.get(path, { Accept: 'text/html' }))).toEqual({
        status: 406,
        code: 'not-acceptable',
      });
    }
    expect(refusal(await analyst.get(`/v1/releases/${unknownId('rel')}?wait=60`)).status).toBe(400);
  });
});

describe('the audit', () => {
  it('has one entry for each release, with its price, in a chain that verifies', async () => {
    const { releaseId, release } = await released(analyst, 5);
    const { body } = await analyst.get<AuditPage>('/v1/audit/entries?limit=200');
    const entries = body.data.filter(({ resource }) => resource === releaseId);
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({
      action: 'release.committed',
      stream: service.keys.brandId,
      details: { kind: 'audience-size', nanoRho: release?.nanoRho, dataVersion: release?.dataVersion },
    });
    expect(JSON.stringify(entries)).not.toContain(`"value"`);
    const verdict = await analyst.get<AuditVerdictDto>('/v1/audit/verify');
    expect(verdict.body).toEqual({ entries: body.data[0]?.seq, firstBrokenSeq: null });
  });
});
