import { DomainError } from '#core';
import { checkIdempotencyKey, replay, requestHash, storedAnswer, storedRefusal } from './idempotency.ts';
import { ReplayedRefusal } from './replayed-refusal.ts';

function refusalOf(run: () => unknown): DomainError {
  try {
    run();
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  throw new Error('not refused');
}

describe('checkIdempotencyKey', () => {
  it.each(['k', '8e03978e-40d5-43dd-bc93-6894a57f9324', '"quoted"', '~'.repeat(128)])('takes %s', (key) => {
    expect(checkIdempotencyKey({ key, required: true })).toBe(key);
  });

  it.each(['a b', 'a\tb', 'é', '\u0000', 'x'.repeat(129), ' '])('refuses %j', (key) => {
    expect(refusalOf(() => checkIdempotencyKey({ key, required: false })).code).toBe('idempotency-key-invalid');
  });

  it('asks for a key only where one is required', () => {
    expect(checkIdempotencyKey({ key: undefined, required: false })).toBeUndefined();
    expect(refusalOf(() => checkIdempotencyKey({ key: undefined, required: true })).code).toBe(
      'idempotency-key-required',
    );
  });
});

describe('stored outcomes', () => {
  it('gives an answer again, member by member in the same order', () => {
    const answer = { status: 201, body: { z: 1, a: [{ y: null }] }, headers: { Location: '/v1/x' } };
    const again = replay(storedAnswer(answer));
    expect(again).toEqual({ ...answer, replayed: true });
    expect(JSON.stringify(again.body)).toBe(JSON.stringify(answer.body));
  });

  it('gives a refusal again without what was meant for the log', () => {
    const errors = [{ pointer: '/a', code: 'x', message: 'is 1, must be 2' }];
    const first = new DomainError('audience-invalid', {
      public: 'No.',
      internal: 'canary',
      errors,
      extensions: { charged: false },
    });
    const stored = storedRefusal(first);
    expect(stored).toMatchObject({ status: 422 });
    expect(stored.body).not.toContain('canary');
    const again = refusalOf(() => replay(stored));
    expect(again).toBeInstanceOf(ReplayedRefusal);
    expect(again).toMatchObject({
      code: 'audience-invalid',
      text: { public: 'No.', errors, extensions: { charged: false } },
    });
  });
});

it('hashes equal content equally, whatever the order of members', () => {
  expect(requestHash({ a: 1, b: [2] })).toBe(requestHash({ b: [2], a: 1 }));
  expect(requestHash({ a: 1 })).not.toBe(requestHash({ a: '1' }));
});
