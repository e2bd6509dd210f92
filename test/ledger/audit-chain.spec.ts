import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { Client } from 'pg';
import type { DatabaseConnection } from '../../src/database/connection.ts';
import { createTestDatabase } from '../harness/postgres.ts';
import { openBrands, openGate, question, request } from './gate.ts';
import type { Gate } from './gate.ts';

const ENTRIES = 30;

let connection: DatabaseConnection;
let gate: Gate;
let brandId: string;

/** Rewrites history as only somebody with the server in his hands can: past the trigger that forbids it. */
async function tamper(...statements: readonly string[]): Promise<void> {
  const client = new Client(connection);
  await client.connect();
  try {
    await client.query(`SET session_replication_role = 'replica'`);
    for (const statement of statements) await client.query(statement.replaceAll('$stream', `'${brandId}'`));
  } finally {
    await client.end();
  }
}

const brokenAt = (seq: number): { entries: string; firstBrokenSeq: string } => ({
  entries: String(ENTRIES),
  firstBrokenSeq: String(seq),
});

const verdict = (): Promise<{ entries: string; firstBrokenSeq: string | null }> => gate.audit.verify(brandId);

/** Verifies so many times in a row. */
async function verdicts(times: number): Promise<(string | null)[]> {
  const seen: (string | null)[] = [];
  for (let time = 0; time < times; time++) seen.push((await verdict()).firstBrokenSeq);
  return seen;
}

beforeAll(async () => {
  Logger.overrideLogger(false);
  connection = await createTestDatabase('audit_chain');
  gate = await openGate({ connection });
});

afterAll(() => gate.close());

beforeEach(async () => {
  [brandId = ''] = await openBrands(gate.source.manager, 1);
  const questions = Array.from({ length: ENTRIES }, (_, population) => question(brandId, population));
  await Promise.all(questions.map((asked) => gate.releases.release(request(asked))));
});

describe('the audit of parallel releases', () => {
  it('is one chain without gaps, with one entry for each', async () => {
    expect(await verdict()).toEqual({ entries: String(ENTRIES), firstBrokenSeq: null });
    const entries = await gate.audit.list(brandId, 1_000);
    expect(entries.map(({ seq }) => Number(seq))).toEqual(
      Array.from({ length: ENTRIES }, (_, index) => ENTRIES - index),
    );
    expect(new Set(entries.map(({ resource }) => resource)).size).toBe(ENTRIES);
    expect(new Set(entries.map(({ action }) => action))).toEqual(new Set(['release.committed']));
  });

  it('verifies while entries are being appended', async () => {
    const appending = Array.from({ length: 40 }, (_, index) =>
      gate.releases.release(request(question(brandId, ENTRIES + index))),
    );
    const [seen] = await Promise.all([verdicts(40), ...appending]);
    expect(seen.filter((broken) => broken !== null)).toEqual([]);
  });

  it('verifies whatever JSON an entry holds', async () => {
    const texts = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'));
    const details = fc.dictionary(
      texts,
      fc.oneof(texts, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean()),
    );
    const property = fc.asyncProperty(details, async (value) => {
      await gate.source.transaction((manager) =>
        gate.audit.record(manager, {
          stream: brandId,
          actor: 'key_test',
          action: 'a',
          resource: 'r',
          details: value,
        }),
      );
      expect((await verdict()).firstBrokenSeq).toBeNull();
    });
    await fc.assert(property, { numRuns: 100, seed: 20_261_120 });
  });
});

describe('the table', () => {
  it.each([`UPDATE audit_entry SET actor = 'somebody else'`, `DELETE FROM audit_entry`, `TRUNCATE audit_entry`])(
    'refuses %s',
    async (statement) => {
      await expect(gate.source.query(statement)).rejects.toThrow(/append-only|may not be changed|audit_entry/);
      expect(await verdict()).toEqual({ entries: String(ENTRIES), firstBrokenSeq: null });
    },
  );
});

describe('the verification names the first entry that', () => {
  it.each(['actor', 'action', 'resource', 'at', 'acting_for', 'details', 'previous_hash', 'hash'])(
    'was edited in its %s',
    async (column) => {
      const value = { at: `at + interval '1 ms'`, details: `'{"nanoRho": 1}'` }[column] ?? `'edited'`;
      await tamper(`UPDATE audit_entry SET ${column} = ${value} WHERE stream = $stream AND seq = 12`);
      expect(await verdict()).toEqual(brokenAt(12));
    },
  );

  it('was deleted', async () => {
    await tamper('DELETE FROM audit_entry WHERE stream = $stream AND seq = 1');
    expect(await verdict()).toEqual(brokenAt(1));
    await tamper('DELETE FROM audit_entry WHERE stream = $stream');
    expect(await verdict()).toEqual(brokenAt(1));
  });

  it('follows a deleted one that was closed over by renumbering', async () => {
    await tamper(
      'DELETE FROM audit_entry WHERE stream = $stream AND seq = 9',
      'UPDATE audit_entry SET seq = -seq WHERE stream = $stream AND seq > 9',
      'UPDATE audit_entry SET seq = -seq - 1 WHERE stream = $stream AND seq < 0',
      `UPDATE audit_head SET seq = ${ENTRIES - 1} WHERE stream = $stream`,
    );
    expect((await verdict()).firstBrokenSeq).toBe('9');
  });

  it('changed places with another', async () => {
    await tamper(
      'UPDATE audit_entry SET seq = -1 WHERE stream = $stream AND seq = 17',
      'UPDATE audit_entry SET seq = 17 WHERE stream = $stream AND seq = 23',
      'UPDATE audit_entry SET seq = 23 WHERE stream = $stream AND seq = -1',
    );
    expect(await verdict()).toEqual(brokenAt(17));
  });

  it('is missing where the tail was cut off', async () => {
    await tamper('DELETE FROM audit_entry WHERE stream = $stream AND seq > 25');
    expect(await verdict()).toEqual(brokenAt(26));
  });

  it('is the last one where the tail was cut off and the head set back without its hash', async () => {
    await tamper(
      'DELETE FROM audit_entry WHERE stream = $stream AND seq > 25',
      'UPDATE audit_head SET seq = 25 WHERE stream = $stream',
    );
    expect((await verdict()).firstBrokenSeq).toBe('25');
  });

  it('was appended past the head, or stands without one', async () => {
    await tamper(
      `INSERT INTO audit_entry SELECT stream, ${ENTRIES + 1}, at, actor, acting_for, action, resource, details, previous_hash,
         hash FROM audit_entry WHERE stream = $stream AND seq = ${ENTRIES}`,
    );
    expect(await verdict()).toEqual(brokenAt(ENTRIES + 1));
    await tamper('DELETE FROM audit_head WHERE stream = $stream');
    expect(await verdict()).toEqual({ entries: '0', firstBrokenSeq: '1' });
  });
});
