import fc from 'fast-check';
import { PURPOSES } from '#core';
import { DuckDbFile } from './duckdb-file.ts';
import { readRows } from './duckdb-codec.ts';
import { CONSENT_EVENTS_MAX } from './consent-log.ts';
import type { DuckDbWarehouse } from './duckdb-warehouse.ts';
import { IdentifierKey } from './identifier-key.ts';
import { consentColumn } from './schema.ts';
import {
  LOADED_CONSENT_AT,
  MEMBERS,
  buildSmallWarehouse,
  consentEvent,
  consenting,
  countOptions,
  exact,
  openSmallWarehouse,
  statement,
  temporaryFolder,
} from './testing.ts';
import type { ConsentEvent } from './warehouse.ts';

const NOW = Date.parse('2025-07-01T12:00:00Z');
const folder = temporaryFolder();
let built = 0;
let path: string;
let warehouse: DuckDbWarehouse;

beforeEach(async () => {
  path = folder.path(`c${++built}.duckdb`);
  await buildSmallWarehouse(path);
  warehouse = await openSmallWarehouse(path);
});

afterEach(() => warehouse.close());
afterAll(() => folder.dispose());

const consentingNow = async (): Promise<bigint> => {
  const { version } = await warehouse.dataVersion('FR');
  return exact(warehouse.count(consenting('FR'), countOptions({ dataVersion: version })));
};

/** What the flag must be: the last grant later than the last withdrawal. `before` is a grant of old, or empty. */
const granted = (events: readonly ConsentEvent[], purpose: string, before: string): boolean => {
  const said = (status: string): string[] =>
    events.filter((event) => event.purpose === purpose && event.status === status).map((event) => event.at);
  const lastGrant = [...said('granted'), before].toSorted().at(-1) ?? '';
  const lastWithdrawal = said('withdrawn').toSorted().at(-1) ?? '';
  return lastGrant > lastWithdrawal;
};

describe('recordConsent', () => {
  it('takes a withdrawn member out of the next query and raises the version of that country alone', async () => {
    const receipt = await warehouse.recordConsent([consentEvent(1), consentEvent(3)], NOW);
    const version = expect.objectContaining({ country: 'FR', version: 2, consentAsOf: '2025-07-01T12:00:00.000Z' });
    expect(receipt).toEqual({ applied: 2, unknown: 0, dataVersions: [version] });
    expect(await exact(warehouse.count(consenting('FR'), countOptions({ dataVersion: 2 })))).toBe(98n);
    expect(await warehouse.dataVersions()).toEqual([expect.objectContaining({ country: 'ES', version: 1 }), version]);
    await expect(warehouse.count(consenting('FR'), countOptions({ dataVersion: 1 }))).rejects.toMatchObject({
      code: 'data-version-changed',
    });
  });

  it('puts a member back who consents again', async () => {
    await warehouse.recordConsent([consentEvent(1)], NOW);
    await warehouse.recordConsent([consentEvent(1, { status: 'granted', at: '2025-06-02T00:00:00Z' })], NOW);
    expect(await consentingNow()).toBe(100n);
  });

  it('changes one purpose without another', async () => {
    await warehouse.recordConsent([consentEvent(1, { purpose: 'ads_social', status: 'granted' })], NOW);
    const social = statement('SELECT count(*) FROM member WHERE c_ads_social');
    const others = PURPOSES.slice(1).filter((purpose) => purpose !== 'ads_social');
    const anyOther = statement(`SELECT count(*) FROM member WHERE ${others.map(consentColumn).join(' OR ')}`);
    const options = countOptions({ dataVersion: 2 });
    expect(await exact(warehouse.count(social, options))).toBe(1n);
    expect(await exact(warehouse.count(anyOther, options))).toBe(0n);
    expect(await consentingNow()).toBe(100n);
  });

  it('counts an unknown id without telling which, and changes nothing for it', async () => {
    const stranger = consentEvent(MEMBERS + 1);
    expect(await warehouse.recordConsent([stranger], NOW)).toEqual({ applied: 0, unknown: 1, dataVersions: [] });
    const mixed = await warehouse.recordConsent([stranger, consentEvent(2)], NOW);
    expect(mixed).toMatchObject({ applied: 1, unknown: 1, dataVersions: [{ country: 'ES', version: 2 }] });
  });

  it('knows nobody by the bare SHA-256 of a loyalty number: only its keyed form is kept', async () => {
    await warehouse.close();
    const file = await DuckDbFile.open(path, {}, true);
    const rows = await readRows<{ hid: string; version: number }>(
      await file.connect(),
      'SELECT hex(hid) AS hid, pepper_version AS version FROM pii.member_key WHERE member_id = 1',
    );
    file.close();
    const { loyaltyIdSha256 } = consentEvent(1);
    const keyed = new IdentifierKey(Buffer.alloc(32, 7), 1).hid(Buffer.from(loyaltyIdSha256, 'hex'));
    expect(rows).toEqual([{ hid: keyed.toString('hex').toUpperCase(), version: 1 }]);
  });

  it('is the same when an event is sent again', async () => {
    const events = [consentEvent(1), consentEvent(1), consentEvent(5)];
    const first = await warehouse.recordConsent(events, NOW);
    const again = await warehouse.recordConsent(events, NOW + 1000);
    expect(first).toMatchObject({ applied: 3, unknown: 0, dataVersions: [{ version: 2 }] });
    expect(again).toEqual({ applied: 3, unknown: 0, dataVersions: [] });
    expect(await consentingNow()).toBe(98n);
  });

  it('survives a reopen, log and flags alike', async () => {
    await warehouse.recordConsent([consentEvent(1), consentEvent(2, { source: "O'Brien; DROP TABLE member" })], NOW);
    await warehouse.close();
    warehouse = await openSmallWarehouse(path);
    expect(await consentingNow()).toBe(99n);
    await warehouse.close();
    const file = await DuckDbFile.open(path, {}, true);
    const log = await readRows(
      await file.connect(),
      `SELECT member_id, purpose, status, source, strftime(effective_at, '%x') AS said FROM consent_event
       WHERE member_id = 2 ORDER BY effective_at`,
    );
    file.close();
    expect(log).toEqual([
      expect.objectContaining({ status: 'granted', source: 'checkout' }),
      expect.objectContaining({ status: 'withdrawn', source: "O'Brien; DROP TABLE member" }),
    ]);
  });

  it('takes writers one after another: every batch raises the version once', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => warehouse.recordConsent([consentEvent(2 * index + 1)], NOW)),
    );
    expect((await warehouse.dataVersion('FR')).version).toBe(21);
    expect(await consentingNow()).toBe(80n);
  });

  it('takes the largest batch in one version', async () => {
    const events = Array.from({ length: CONSENT_EVENTS_MAX }, (_, index) =>
      consentEvent((index % MEMBERS) + 1, { at: new Date(NOW - index * 1000).toISOString() }),
    );
    const receipt = await warehouse.recordConsent(events, NOW);
    expect(receipt).toMatchObject({ applied: CONSENT_EVENTS_MAX, dataVersions: [{ version: 2 }, { version: 2 }] });
    expect(await consentingNow()).toBe(0n);
  });

  it.each<[string, Partial<ConsentEvent>, string]>([
    ['a future instant', { at: '2025-07-01T12:00:00.001Z' }, '/events/1/at'],
    ['an instant without a zone', { at: '2025-06-01T10:00:00' }, '/events/1/at'],
    ['a day that does not exist', { at: '2025-13-01T10:00:00Z' }, '/events/1/at'],
    ['an upper-case digest', { loyaltyIdSha256: 'A'.repeat(64) }, '/events/1/loyaltyIdSha256'],
    ['an unknown purpose', { purpose: 'resale' as never }, '/events/1/purpose'],
    ['an unknown status', { status: 'maybe' as never }, '/events/1/status'],
    ['an empty source', { source: '' }, '/events/1/source'],
    ['a long text version', { textVersion: 'x'.repeat(201) }, '/events/1/textVersion'],
  ])('refuses the batch for %s, with a pointer to it', async (_, fault, pointer) => {
    const batch = [consentEvent(1), consentEvent(3, fault)];
    await expect(warehouse.recordConsent(batch, NOW)).rejects.toMatchObject({
      code: 'request-invalid',
      text: { errors: [expect.objectContaining({ pointer })] },
    });
    expect(await consentingNow()).toBe(100n);
  });

  it('refuses more than the largest batch', async () => {
    const events = Array.from({ length: CONSENT_EVENTS_MAX + 1 }, () => consentEvent(1));
    await expect(warehouse.recordConsent(events, NOW)).rejects.toMatchObject({ code: 'request-invalid' });
  });

  it('ends in the same state whatever order and batches the events come in', async () => {
    const arbitraryEvent = fc.record({
      purpose: fc.constantFrom(PURPOSES[0], PURPOSES[5]),
      status: fc.constantFrom('granted' as const, 'withdrawn' as const),
      at: fc.integer({ min: 0, max: 6 }).map((hour) => `2025-06-01T0${hour}:00:00.000Z`),
    });
    let member = 1;
    await fc.assert(
      fc.asyncProperty(
        fc.array(arbitraryEvent, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 4 }),
        async (all, size) => {
          member += 2;
          const events = all.map((event) => consentEvent(member, event));
          for (let from = 0; from < events.length; from += size) {
            await warehouse.recordConsent(events.slice(from, from + size), NOW);
          }
          const flags = `c_${PURPOSES[0]}::TINYINT + 2 * c_${PURPOSES[5]}::TINYINT`;
          const { version } = await warehouse.dataVersion('FR');
          const state = exact(
            warehouse.count(
              statement(`SELECT (${flags})::INTEGER FROM member WHERE member_id = $m`, [
                { name: 'm', type: 'int64', value: BigInt(member) },
              ]),
              countOptions({ dataVersion: version }),
            ),
          );
          const expected =
            Number(granted(events, PURPOSES[0], LOADED_CONSENT_AT)) + 2 * Number(granted(events, PURPOSES[5], ''));
          expect(await state).toBe(BigInt(expected));
        },
      ),
      { numRuns: 25, seed: 20250601 },
    );
  });
});
