import { BadRequestException, HttpException, NotFoundException, UnauthorizedException } from '@nestjs/common';
import { DomainError, ERROR_CODES, RawCount } from '#core';
import { toDomainError } from './error-mapping.ts';
import { PROBLEMS, isProblemCode, problemDocument, problemJson } from './problem.ts';

const occurrence = { traceId: 'a'.repeat(32), instance: '/v1/x' };

describe('problem catalogue', () => {
  it.each(ERROR_CODES)('gives %s a status, a title and an explanation', (code) => {
    expect(isProblemCode(code)).toBe(true);
    const { status, title, meaning } = PROBLEMS[code];
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    expect(title.length).toBeGreaterThan(5);
    expect(meaning.length).toBeGreaterThan(30);
  });

  it('blames the service only for its own faults', () => {
    const faults = ERROR_CODES.filter((code) => PROBLEMS[code].status >= 500);
    expect(faults).toEqual([
      'ledger-read-only',
      'release-failed',
      'warehouse-busy',
      'warehouse-unavailable',
      'warehouse-limit',
      'issuer-unavailable',
      'service-unavailable',
      'internal',
    ]);
  });

  it('calls no fault of the service final but one that was charged', () => {
    const final = Object.entries(PROBLEMS).filter(([, { status, retryable }]) => status >= 500 && !retryable);
    expect(final.map(([code]) => code)).toEqual(['release-failed']);
  });

  it('is not fooled by names that objects inherit', () => {
    expect(isProblemCode('constructor')).toBe(false);
    expect(isProblemCode('__proto__')).toBe(false);
  });
});

describe('problemDocument', () => {
  it('has the members of RFC 9457 and the extensions', () => {
    const text = { public: 'It needs 2, 1 is left.', extensions: { budget: { leftNanoRho: 5n }, charged: false } };
    expect(JSON.parse(problemJson(problemDocument('privacy-budget-exhausted', text, occurrence)))).toEqual({
      type: '/problems/privacy-budget-exhausted',
      title: 'The privacy budget is exhausted',
      status: 409,
      detail: 'It needs 2, 1 is left.',
      instance: '/v1/x',
      code: 'privacy-budget-exhausted',
      traceId: occurrence.traceId,
      budget: { leftNanoRho: 5 },
      charged: false,
    });
  });

  it('lets no extension replace a defined member', () => {
    const extensions = { status: 200, code: 'fine', type: 'x', traceId: 'x', detail: 'x' };
    const document = problemDocument('not-found', { public: 'Nothing here.', extensions }, occurrence);
    expect(document).toMatchObject({
      status: 404,
      code: 'not-found',
      detail: 'Nothing here.',
      traceId: occurrence.traceId,
    });
  });

  it('writes integers beyond a double as text', () => {
    const document = problemDocument('conflict', { public: 'x', extensions: { n: 2n ** 60n } }, occurrence);
    expect(JSON.parse(problemJson(document))).toMatchObject({ n: '1152921504606846976' });
  });

  it('cannot write a raw count', () => {
    const document = problemDocument('conflict', { public: 'x', extensions: { n: new RawCount(7n) } }, occurrence);
    expect(() => problemJson(document)).toThrow(TypeError);
  });
});

const withFields = (fields: object, message = 'x'): Error => Object.assign(new Error(message), fields);

describe('toDomainError', () => {
  it.each([
    ['a refusal, as it is', new DomainError('audience-cycle', { public: 'x' }), 'audience-cycle'],
    ['Nest’s 404', new NotFoundException(), 'not-found'],
    ['Nest’s 401', new UnauthorizedException(), 'not-authenticated'],
    ['Nest’s 400', new BadRequestException('canary'), 'request-invalid'],
    ['an unknown 4xx', new HttpException('canary', 418), 'request-invalid'],
    ['an unknown 5xx', new HttpException('canary', 502), 'internal'],
    ['Nest’s 503', new HttpException('canary', 503), 'service-unavailable'],
    ['a bad path of Express', withFields({ status: 400 }, 'Failed to decode param'), 'request-invalid'],
    ['a 5xx of a middleware', withFields({ status: 500 }), 'internal'],
    ['an error', new Error('canary'), 'internal'],
    ['a text', 'canary', 'internal'],
    ['undefined', undefined, 'internal'],
    ['a closed database', withFields({ code: '57P01' }), 'service-unavailable'],
    ['a full database, through TypeORM', withFields({ driverError: { code: '53300' } }), 'service-unavailable'],
    ['an unreachable database', withFields({ code: 'ECONNREFUSED', syscall: 'connect' }), 'service-unavailable'],
    ['an exhausted pool', new Error('timeout exceeded when trying to connect'), 'service-unavailable'],
    ['a wrong statement', withFields({ driverError: { code: '42601' } }), 'internal'],
    ['a value PostgreSQL refuses', withFields({ code: '22021' }), 'internal'],
  ])('makes of %s its code and quotes nothing of it', (_, exception, code) => {
    const error = toDomainError(exception);
    expect(error.code).toBe(code);
    expect(JSON.stringify({ text: error.text.public, more: error.text.extensions })).not.toContain('canary');
  });
});
