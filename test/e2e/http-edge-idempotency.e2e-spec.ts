import { DataSource } from 'typeorm';
import { DomainError, MovableClock } from '#core';
import { requestHash } from '../../src/common/idempotency.ts';
import type { Answer, IdempotentAnswer, IdempotentRequest } from '../../src/common/idempotency.ts';
import {
  IDEMPOTENCY_LEASE_MS,
  IDEMPOTENCY_RETENTION_MS,
  IdempotencyService,
} from '../../src/common/idempotency.service.ts';
import { createTestDatabase } from '../harness/postgres.ts';

const clock = new MovableClock('2026-03-01T00:00:00Z');
let source: DataSource;
let keys: IdempotencyService;
let unique = 0;

beforeAll(async () => {
  const { host, port, user, password, database } = await createTestDatabase('idempotency');
  source = new DataSource({ type: 'postgres', host, port, username: user, password, database, poolSize: 10 });
  await source.initialize();
  // The effect of a work: how often it happened can be counted.
  await source.query('CREATE TABLE effect (name text NOT NULL)');
  keys = new IdempotencyService(source, clock);
});

afterAll(() => source.destroy());

const requestOf = (more: Partial<IdempotentRequest> = {}): IdempotentRequest => ({
  owner: 'key_1',
  route: 'POST /v1/things',
  key: `k${(unique += 1)}`,
  required: true,
  requestHash: requestHash({ size: 1 }),
  ...more,
});

async function effects(name: string | undefined): Promise<number> {
  const rows: unknown[] = await source.query('SELECT 1 FROM effect WHERE name = $1', [name]);
  return rows.length;
}

/** A work that leaves a trace and answers. */
const effect =
  (name: string | undefined, answer: Partial<Answer> = {}) =>
  async (manager = source.manager): Promise<Answer> => {
    await manager.query('INSERT INTO effect VALUES ($1)', [name]);
    return { status: 202, body: { name }, headers: { Location: `/v1/things/${name}` }, ...answer };
  };

const refuse = (error: Error) => async (): Promise<never> => {
  throw error;
};

/** A work that runs until it is let go. */
function heldWork(): { work: () => Promise<Answer>; entered: Promise<void>; leave: () => void } {
  const entry = Promise.withResolvers<void>();
  const exit = Promise.withResolvers<Answer>();
  const work = (): Promise<Answer> => {
    entry.resolve();
    return exit.promise;
  };
  return { work, entered: entry.promise, leave: () => exit.resolve({ status: 200, body: { held: true } }) };
}

const outcomeOf = (run: Promise<unknown>): Promise<unknown> =>
  run.catch((error: unknown) => {
    if (error instanceof DomainError) return error.code;
    throw error;
  });

describe.each(['run', 'runInTransaction'] as const)('IdempotencyService.%s', (method) => {
  const perform = (asked: IdempotentRequest, work: ReturnType<typeof effect>): Promise<IdempotentAnswer> =>
    keys[method](asked, (manager?: Parameters<typeof work>[0]) => work(manager));

  it('gives a repeated request the first answer, with one effect', async () => {
    const asked = requestOf();
    const first = await perform(asked, effect(asked.key));
    const again = await perform(asked, effect(asked.key));
    expect(first).toEqual({
      status: 202,
      body: { name: asked.key },
      headers: { Location: `/v1/things/${asked.key}` },
      replayed: false,
    });
    expect(again).toEqual({ ...first, replayed: true });
    expect(await effects(asked.key)).toBe(1);
  });

  it('has one effect for 20 at once, and no other answer than the first one or "in flight"', async () => {
    const asked = requestOf();
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcomeOf(perform(asked, effect(asked.key)))));
    expect(await effects(asked.key)).toBe(1);
    const fresh = outcomes.filter((outcome) => (outcome as Partial<IdempotentAnswer>).replayed === false);
    expect(fresh).toHaveLength(1);
    for (const outcome of outcomes) {
      expect(outcome === 'idempotency-in-flight' || (outcome as IdempotentAnswer).status === 202).toBe(true);
    }
  });

  it('refuses the key for another content and keeps the first answer', async () => {
    const asked = requestOf();
    await perform(asked, effect(asked.key));
    const other = { ...asked, requestHash: requestHash({ size: 2 }) };
    expect(await outcomeOf(perform(other, effect(asked.key)))).toBe('idempotency-key-reused');
    expect(await perform(asked, effect(asked.key))).toMatchObject({ replayed: true });
    expect(await effects(asked.key)).toBe(1);
  });

  it('keeps owners and routes apart', async () => {
    const asked = requestOf();
    for (const other of [asked, { ...asked, owner: 'key_2' }, { ...asked, route: 'POST /v1/others' }]) {
      expect(await perform(other, effect(asked.key))).toMatchObject({ replayed: false });
    }
    expect(await effects(asked.key)).toBe(3);
  });

  it.each([
    ['an exhausted budget', new DomainError('privacy-budget-exhausted', { public: 'x' })],
    ['a busy warehouse', new DomainError('warehouse-busy', { public: 'x' })],
    ['a fault', new Error('fault')],
  ])('frees the key after %s, so that a retry can succeed', async (_, error) => {
    const asked = requestOf();
    await expect(perform(asked, refuse(error))).rejects.toBe(error);
    expect(await perform(asked, effect(asked.key))).toMatchObject({ status: 202, replayed: false });
  });

  it('forgets a key after 24 hours, and not before', async () => {
    const asked = requestOf();
    await perform(asked, effect(asked.key));
    clock.move(IDEMPOTENCY_RETENTION_MS - 1);
    expect(await perform(asked, effect(asked.key))).toMatchObject({ replayed: true });
    clock.move(1);
    const other = { ...asked, requestHash: requestHash({ size: 3 }) };
    expect(await perform(other, effect(asked.key))).toMatchObject({ replayed: false });
  });

  it('runs without a key where none is required', async () => {
    const asked = requestOf({ key: undefined, required: false });
    expect(await perform(asked, effect('free'))).toMatchObject({ replayed: false });
    expect(await outcomeOf(perform({ ...asked, required: true }, effect('free')))).toBe('idempotency-key-required');
  });
});

describe('IdempotencyService.run', () => {
  it('replays a refusal that will stay, without running the work', async () => {
    const asked = requestOf();
    const refusal = new DomainError('audience-invalid', { public: 'No.', extensions: { charged: false } });
    await expect(keys.run(asked, refuse(refusal))).rejects.toBe(refusal);
    await expect(keys.run(asked, () => effect(asked.key)())).rejects.toMatchObject({
      code: 'audience-invalid',
      text: { public: 'No.' },
    });
    expect(await effects(asked.key)).toBe(0);
  });

  it('says how long a running request may still take', async () => {
    const asked = requestOf();
    const held = heldWork();
    const running = keys.run(asked, held.work);
    await held.entered;
    const second: unknown = await keys.run(asked, () => effect(asked.key)()).catch((error: unknown) => error);
    expect(second).toMatchObject({
      code: 'idempotency-in-flight',
      text: { retryAfterSeconds: IDEMPOTENCY_LEASE_MS / 1_000 },
    });
    held.leave();
    expect(await running).toMatchObject({ replayed: false });
  });

  it('lets a retry take over a lease that ended, and keeps the retry’s answer', async () => {
    const asked = requestOf();
    const held = heldWork();
    const lost = keys.run(asked, held.work);
    await held.entered;
    clock.move(IDEMPOTENCY_LEASE_MS - 1);
    expect(await outcomeOf(keys.run(asked, () => effect(asked.key)()))).toBe('idempotency-in-flight');
    clock.move(1);
    const other = { ...asked, requestHash: requestHash({ size: 9 }) };
    expect(await outcomeOf(keys.run(other, effect(asked.key)))).toBe('idempotency-key-reused');
    expect(await keys.run(asked, () => effect(asked.key)())).toMatchObject({ replayed: false });
    held.leave();
    await lost;
    expect(await keys.run(asked, () => effect(asked.key)())).toMatchObject({
      status: 202,
      body: { name: asked.key },
      replayed: true,
    });
  });

  it('purges what is past its retention only', async () => {
    await keys.purge(clock.now() + IDEMPOTENCY_RETENTION_MS);
    const asked = [requestOf(), requestOf()];
    await keys.run(asked[0]!, () => effect('old')());
    clock.move(1_000);
    await keys.run(asked[1]!, () => effect('new')());
    expect(await keys.purge(clock.now() + IDEMPOTENCY_RETENTION_MS - 1_000)).toBe(1);
    expect(await keys.run(asked[1]!, () => effect('new')())).toMatchObject({ replayed: true });
  });
});

describe('IdempotencyService.runInTransaction', () => {
  it('rolls back the effect with the key', async () => {
    const asked = requestOf();
    const work = async (manager = source.manager): Promise<Answer> => {
      await effect(asked.key)(manager);
      throw new DomainError('audience-invalid', { public: 'No.' });
    };
    expect(await outcomeOf(keys.runInTransaction(asked, work))).toBe('audience-invalid');
    expect(await effects(asked.key)).toBe(0);
    expect(await keys.runInTransaction(asked, effect(asked.key))).toMatchObject({ replayed: false });
  });
});
