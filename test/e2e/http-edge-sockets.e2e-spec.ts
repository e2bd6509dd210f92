import { connect } from 'node:net';
import { once } from 'node:events';
import { Controller, Get, Module } from '@nestjs/common';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import { ProblemsController } from '../../src/common/problems.controller.ts';
import { exchange, startEdge } from './http-edge.app.ts';
import type { EdgeApp } from './http-edge.app.ts';

const LIMITS = { headersTimeoutMs: 400, requestTimeoutMs: 800, timeoutCheckMs: 50 };
const HOST = 'Host: x\r\n';
const JSON_HEADERS = `${HOST}Content-Type: application/json\r\n`;
let edge: EdgeApp;

beforeAll(async () => {
  edge = await startEdge({ limits: LIMITS });
});

afterAll(() => edge.close());

/** What every refusal on a raw connection must be: a whole problem document, then the end of the connection. */
function expectProblem(answer: Awaited<ReturnType<typeof exchange>>, status: number, code: string): void {
  expect(answer.head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(answer.head).toMatch(/\r\ncontent-type: application\/problem\+json(\r\n|$)/i);
  expect(answer.head).toMatch(/\r\nconnection: close/i);
  expect(answer.body).toMatchObject({ status, code, type: `/problems/${code}` });
  expect(answer.body['traceId']).toMatch(/^[0-9a-f]{32}$/);
}

describe('messages that are not HTTP', () => {
  it.each([
    ['garbage', '\u0000\u0001\u0002\r\n\r\n'],
    ['TLS', '\u0016\u0003\u0001\u0002\u0000\u0001\r\n\r\n'],
    ['a control character in a header', `GET /things HTTP/1.1\r\n${HOST}A: b\u0000c\r\n\r\n`],
    ['a blank before the colon', `GET /things HTTP/1.1\r\nHost : x\r\n\r\n`],
    ['a length that is not a number', `POST /echo HTTP/1.1\r\n${JSON_HEADERS}Content-Length: 1e1\r\n\r\n{}`],
    ['two lengths', `POST /echo HTTP/1.1\r\n${JSON_HEADERS}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} `],
    [
      'a chunk size that is not a number',
      `POST /echo HTTP/1.1\r\n${JSON_HEADERS}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`,
    ],
  ])('refuses %s with 400 and closes', async (_, bytes) => {
    expectProblem(await exchange(edge.port, bytes), 400, 'request-invalid');
  });

  it.each([
    ['length and chunks', 'Content-Length: 2\r\nTransfer-Encoding: chunked'],
    ['chunks and length', 'Transfer-Encoding: chunked\r\nContent-Length: 2'],
    ['an unknown coding after chunks', 'Transfer-Encoding: chunked, identity'],
    ['chunks in disguise', 'Content-Length: 2\r\nTransfer-Encoding: xchunked'],
    ['a folded header', 'Content-Length: 2\r\nTransfer-Encoding:\r\n chunked'],
  ])('does not take a second request smuggled by %s', async (_, framing) => {
    const inner = `0\r\n\r\nGET /problems/internal HTTP/1.1\r\n${HOST}\r\n`;
    const answer = await exchange(edge.port, `POST /echo HTTP/1.1\r\n${JSON_HEADERS}${framing}\r\n\r\n${inner}`);
    expectProblem(answer, 400, 'request-invalid');
    expect(answer.text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  });

  it.each([
    ['missing', ''],
    ['there twice', `${HOST}Host: y\r\n`],
  ])('refuses a request whose Host is %s', async (_, host) => {
    const answer = await exchange(edge.port, `GET /things HTTP/1.1\r\n${host}Connection: close\r\n\r\n`);
    expectProblem(answer, 400, 'request-invalid');
  });
});

describe('messages that are too large', () => {
  it('refuses headers over 16 kB with 431, also many small ones', async () => {
    const large = `GET /things HTTP/1.1\r\n${HOST}A: ${'x'.repeat(17_000)}\r\n\r\n`;
    const many = `GET /things HTTP/1.1\r\n${HOST}${'A: b\r\n'.repeat(4_000)}\r\n`;
    const line = `GET /things?${'x'.repeat(17_000)} HTTP/1.1\r\n${HOST}\r\n`;
    for (const bytes of [large, many, line]) {
      expectProblem(await exchange(edge.port, bytes), 431, 'headers-too-large');
    }
  });

  it('refuses a length over the limit before the body comes', async () => {
    const bytes = `POST /echo HTTP/1.1\r\n${JSON_HEADERS}Connection: close\r\nContent-Length: 99999999999\r\n\r\n{`;
    const answer = await exchange(edge.port, bytes);
    expectProblem(answer, 413, 'payload-too-large');
  });
});

describe('messages that do not end', () => {
  it.each([
    ['headers that never end', `GET /things HTTP/1.1\r\n${HOST}`, undefined, LIMITS.headersTimeoutMs],
    ['headers that trickle in', `GET /things HTTP/1.1\r\n${HOST}`, 'A: b\r\n', LIMITS.headersTimeoutMs],
    [
      'a body that never comes',
      `POST /echo HTTP/1.1\r\n${JSON_HEADERS}Content-Length: 9\r\n\r\n{`,
      undefined,
      LIMITS.requestTimeoutMs,
    ],
    [
      'a body that trickles in',
      `POST /echo HTTP/1.1\r\n${JSON_HEADERS}Content-Length: 9999\r\n\r\n{`,
      ' ',
      LIMITS.requestTimeoutMs,
    ],
    [
      'chunks without end',
      `POST /echo HTTP/1.1\r\n${JSON_HEADERS}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`,
      '1\r\n \r\n',
      LIMITS.requestTimeoutMs,
    ],
  ])('ends %s with 408 after its time-out', async (_, bytes, then, timeoutMs) => {
    const answer = await exchange(edge.port, bytes, then);
    expectProblem(answer, 408, 'request-timeout');
    expect(answer.closedAfterMs).toBeGreaterThanOrEqual(timeoutMs - 100);
    expect(answer.closedAfterMs).toBeLessThan(timeoutMs + 5_000);
  });

  it('ends large chunks without end, too', async () => {
    const bytes = `POST /echo HTTP/1.1\r\n${JSON_HEADERS}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`;
    const answer = await exchange(edge.port, bytes, `4000\r\n${' '.repeat(16_384)}\r\n`);
    expect([408, 413]).toContain(answer.status);
  });

  it('logs a body that never came as its request’s one line', async () => {
    const answer = await exchange(edge.port, `PUT /things/7 HTTP/1.1\r\n${JSON_HEADERS}Content-Length: 9\r\n\r\n{`);
    const line = await edge.lineOf(String(answer.body['traceId']));
    expect(line).toMatchObject({ method: 'PUT', route: '/things/:id', code: 'request-timeout', status: 408 });
  });
});

describe('connections', () => {
  it('logs what was refused before it was a request', async () => {
    const answer = await exchange(edge.port, 'nonsense\r\n\r\n');
    const line = await edge.lineOf(String(answer.body['traceId']));
    expect(line).toMatchObject({ message: 'request refused', code: 'request-invalid' });
  });

  it('answers pipelined requests in order', async () => {
    const one = `GET /things/1 HTTP/1.1\r\n${HOST}\r\n`;
    const two = `GET /things/2 HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`;
    const { text } = await exchange(edge.port, one + two);
    expect(text.indexOf('{"id":"1"}')).toBeLessThan(text.indexOf('{"id":"2"}'));
    expect(text.match(/HTTP\/1\.1 200/g)).toHaveLength(2);
  });

  it.each([
    ['TRACE', 'TRACE /things', 405],
    ['an unknown expectation', 'GET /things', 200],
  ])('answers %s', async (_, start, status) => {
    const answer = await exchange(edge.port, `${start} HTTP/1.1\r\n${HOST}Expect: magic\r\nConnection: close\r\n\r\n`);
    expect(answer.status).toBe(status);
  });

  it('closes after the number of requests it allows', async () => {
    const short = await startEdge({ limits: { requestsPerSocketMax: 2 } });
    const { text } = await exchange(short.port, `GET /things/1 HTTP/1.1\r\n${HOST}\r\n`.repeat(3));
    await short.close();
    expect(text.match(/HTTP\/1\.1 200/g)).toHaveLength(2);
    expect(text.match(/connection: close/gi)).toHaveLength(1);
  });

  it('survives clients that go away in the middle', async () => {
    for (let i = 0; i < 20; i++) {
      const socket = connect(edge.port, '127.0.0.1');
      await once(socket, 'connect');
      socket.write(`POST /echo HTTP/1.1\r\n${JSON_HEADERS}Content-Length: 9\r\n\r\n{`);
      socket.resetAndDestroy();
    }
    const { status } = await exchange(edge.port, `GET /things HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`);
    expect(status).toBe(200);
    expect(edge.log.filter((line) => Number(line['status']) >= 500)).toEqual([]);
  });
});

describe('closing', () => {
  it('ends running requests, refuses new ones with 503 and then closes', async () => {
    const { entered, draining, leave, module } = heldApp();
    const closing = await startEdge({ module });
    const held = `GET /held HTTP/1.1\r\n${HOST}\r\n`;
    const running = exchange(closing.port, held);
    const second = connect(closing.port, '127.0.0.1');
    let answered = '';
    second.setEncoding('utf8').on('data', (chunk: string) => (answered += chunk));
    // A connection in the middle of a request is not idle, so that closing leaves it open.
    second.write('GET /problems HTTP/1.1\r\n');
    await entered;
    const closed = closing.close();
    await draining;
    second.write(`${HOST}\r\n`);
    await once(second, 'end');
    leave();
    const { text } = await running;
    await closed;
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    expect(text).toMatch(/connection: close/i);
    expect(answered).toMatch(/^HTTP\/1\.1 503 /);
    expect(answered).toContain('"code":"service-unavailable"');
    expect(answered).toMatch(/connection: close/i);
  });
});

/** An application with one request that waits until it is let go. */
function heldApp(): { entered: Promise<void>; draining: Promise<void>; leave: () => void; module: object } {
  const entry = Promise.withResolvers<void>();
  const exit = Promise.withResolvers<void>();
  const drain = Promise.withResolvers<void>();
  @Controller()
  class HeldController {
    @Get('held')
    async held(): Promise<object> {
      entry.resolve();
      await exit.promise;
      return { held: true };
    }
  }
  @Module({ controllers: [HeldController, ProblemsController] })
  class HeldModule implements BeforeApplicationShutdown {
    beforeApplicationShutdown(): void {
      drain.resolve();
    }
  }
  return { entered: entry.promise, draining: drain.promise, leave: () => exit.resolve(), module: HeldModule };
}
