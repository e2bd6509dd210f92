import { Controller, Get, Global, Headers, Module, Post, Res } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import type { Response } from 'express';
import fc from 'fast-check';
import request from 'supertest';
import { DataSource } from 'typeorm';
import { DomainError, MovableClock } from '#core';
import { CommonModule } from '../../src/common/common.module.ts';
import { applyAnswer, requestHash } from '../../src/common/idempotency.ts';
import { IdempotencyService } from '../../src/common/idempotency.service.ts';
import { RateLimit, RateLimitGuard } from '../../src/common/rate-limit.guard.ts';
import { RateLimitService } from '../../src/common/rate-limit.service.ts';
import { describeState, gcraSpacing, gcraStep } from '../../src/common/rate-limit.ts';
import { CLOCK } from '../../src/config/clock.ts';
import { createTestDatabase } from '../harness/postgres.ts';
import { startEdge } from './http-edge.app.ts';
import type { EdgeApp } from './http-edge.app.ts';

const clock = new MovableClock('2026-03-01T00:00:00Z');
let source: DataSource;
let limits: RateLimitService;
let unique = 0;

beforeAll(async () => {
  const { host, port, user, password, database } = await createTestDatabase('limits');
  source = new DataSource({ type: 'postgres', host, port, username: user, password, database, poolSize: 10 });
  await source.initialize();
  limits = new RateLimitService(source, clock);
});

afterAll(() => source.destroy());

describe('RateLimitService', () => {
  it('is the pure algorithm, for any times and quotas', async () => {
    const policies = fc.record({
      name: fc.constant('p'),
      quota: fc.integer({ min: 1, max: 9 }),
      windowSeconds: fc.integer({ min: 1, max: 120 }),
    });
    const waits = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 60_000 })), {
      minLength: 5,
      maxLength: 25,
    });
    await fc.assert(
      fc.asyncProperty(policies, waits, async (policy, moves) => {
        const who = `model-${(unique += 1)}`;
        const spacing = gcraSpacing(policy);
        let tat: number | undefined;
        for (const move of moves) {
          clock.move(move);
          const step = gcraStep(tat, clock.now() * 1_000, spacing);
          tat = step.tatMicros;
          expect(await limits.take(policy, who)).toEqual(describeState(step, clock.now() * 1_000, spacing));
        }
      }),
      { numRuns: 25, seed: 20_260_306 },
    );
  });

  it('gives a place to one only, however many ask at once', async () => {
    const policy = { name: 'p', quota: 20, windowSeconds: 60 };
    const decisions = await Promise.all(Array.from({ length: 60 }, () => limits.take(policy, 'crowd')));
    expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(20);
  });

  it('keeps no address, and purges full quotas only', async () => {
    await limits.take({ name: 'p', quota: 1, windowSeconds: 3_600 }, 'ip:203.0.113.7');
    const rows: { key: string }[] = await source.query('SELECT key FROM rate_limit');
    expect(rows.filter(({ key }) => key.includes('203.0.113.7'))).toEqual([]);
    await limits.purge(clock.now() + 3_599_000);
    expect(await limits.purge(clock.now() + 3_600_000)).toBe(1);
  });
});

@Controller()
class LimitedController {
  readonly #idempotency: IdempotencyService;

  constructor(idempotency: IdempotencyService) {
    this.#idempotency = idempotency;
  }

  @Get('read')
  read(): object {
    return {};
  }

  @Get('healthz')
  @RateLimit('none')
  health(): object {
    return {};
  }

  @Post('spend')
  @RateLimit('spend')
  async spend(
    @Headers('idempotency-key') key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<unknown> {
    const asked = { owner: 'key_http', route: 'POST /spend', key, required: true, requestHash: requestHash({}) };
    const answer = await this.#idempotency.run(asked, async () => {
      if (key === 'refused') throw new DomainError('audience-archived', { public: 'Archived.' });
      return { status: 202, body: { done: true }, headers: { Location: '/done' } };
    });
    return applyAnswer(response, answer);
  }
}

/** Takes the caller's word for who it is. */
class CallerGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const asked = context.switchToHttp().getRequest<{ headers: Record<string, string> }>();
    const caller = asked.headers['x-caller'];
    if (caller !== undefined) Object.assign(asked, { principal: { id: caller, rateKey: caller } });
    return true;
  }
}

describe('over HTTP', () => {
  let edge: EdgeApp;
  const read = (): request.Test => request(edge.url).get('/read').set('X-Caller', 'brd_a');
  const spend = (key?: string): request.Test =>
    request(edge.url)
      .post('/spend')
      .set({ 'X-Caller': 'brd_d', ...(key === undefined ? {} : { 'Idempotency-Key': key }) });

  beforeAll(async () => {
    @Global()
    @Module({
      providers: [
        { provide: DataSource, useValue: source },
        { provide: CLOCK, useValue: clock },
      ],
      exports: [DataSource, CLOCK],
    })
    class StandInModule {}
    @Module({
      imports: [
        StandInModule,
        CommonModule.forRoot({
          cursorSecret: Buffer.alloc(32, 1),
          rateLimits: { defaultPerMinute: 3, spendPerHour: 6 },
        }),
      ],
      controllers: [LimitedController],
      providers: [
        { provide: APP_GUARD, useClass: CallerGuard },
        { provide: APP_GUARD, useClass: RateLimitGuard },
      ],
    })
    class LimitedModule {}
    edge = await startEdge({ module: LimitedModule });
  });

  afterAll(() => edge.close());

  it('counts down in the headers of draft 10 and ends with a 429 that says when to come back', async () => {
    const left = [await read(), await read(), await read()].map(({ headers }) => headers['ratelimit']);
    expect(left).toEqual(['"default";r=2;t=20', '"default";r=1;t=40', '"default";r=0;t=60']);
    const refused = await read().expect(429);
    expect(refused.headers).toMatchObject({
      'content-type': 'application/problem+json',
      'retry-after': '20',
      'ratelimit-policy': '"default";q=3;w=60',
    });
    expect(JSON.parse(refused.text)).toMatchObject({ code: 'rate-limited' });
    clock.move(20_000);
    await read().expect(200);
  });

  it('counts each principal, each class and each client apart, and health not at all', async () => {
    const caller = { 'X-Caller': 'brd_b' };
    for (let i = 0; i < 3; i++) await request(edge.url).get('/read').set(caller).expect(200);
    await request(edge.url).get('/read').set(caller).expect(429);
    await request(edge.url).get('/read').set('X-Caller', 'brd_c').expect(200);
    await request(edge.url).get('/read').expect(200);
    const spent = await request(edge.url)
      .post('/spend')
      .set({ ...caller, 'Idempotency-Key': 'apart' })
      .expect(202);
    expect(spent.headers['ratelimit-policy']).toBe('"spend";q=6;w=3600');
    for (let i = 0; i < 10; i++) {
      const { headers } = await request(edge.url).get('/healthz').set(caller).expect(200);
      expect(headers['ratelimit']).toBeUndefined();
    }
  });

  it('marks replays of answers and of refusals', async () => {
    const first = await spend('one').expect(202);
    const again = await spend('one').expect(202);
    expect(first.headers['idempotent-replayed']).toBeUndefined();
    expect(again.headers).toMatchObject({ 'idempotent-replayed': 'true', location: '/done' });
    expect(again.text).toBe(first.text);
    await spend('refused').expect(409);
    const refused = await spend('refused').expect(409);
    expect(refused.headers).toMatchObject({
      'idempotent-replayed': 'true',
      'content-type': 'application/problem+json',
    });
    const missing = await spend().expect(400);
    expect(JSON.parse(missing.text)).toMatchObject({ code: 'idempotency-key-required' });
  });
});
