import { STATUS_CODES, createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { ExpressAdapter } from '@nestjs/platform-express';
import express from 'express';
import type { NextFunction, Request, Response } from 'express';
import { DomainError } from '#core';
import type { ErrorCode } from '#core';
import { PROBLEMS, problemDocument, problemJson } from './problem.ts';
import { PROBLEM_MEDIA_TYPE } from './problem.filter.ts';
import { traceIdOf } from './request-context.ts';
import type { EdgeRequest } from './request-context.ts';
import { newTraceId } from './trace.ts';

export interface ServerLimits {
  /** From the first byte to the end of the headers, milliseconds. */
  readonly headersTimeoutMs: number;
  /** From the first byte to the end of the body, milliseconds. */
  readonly requestTimeoutMs: number;
  /** How long an idle connection stays open, milliseconds; longer than the proxy's in front. */
  readonly keepAliveTimeoutMs: number;
  /** How often time-outs are looked for, milliseconds: a connection may outlive its time-out by this. */
  readonly timeoutCheckMs: number;
  readonly requestsPerSocketMax: number;
  readonly headerBytesMax: number;
}

export const SERVER_LIMITS: ServerLimits = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 65_000,
  timeoutCheckMs: 1_000,
  requestsPerSocketMax: 1_000,
  headerBytesMax: 16_384,
};

/** How long a refused connection may take to read its answer, milliseconds. */
const LINGER_MS = 500;

/** A request the server refused before it was one, for the log. */
export type RefusalListener = (refusal: { code: ErrorCode; traceId: string; internal: string }) => void;

/**
 * Express under Nest on a server with limits: what cannot be parsed or does not arrive in time is answered with a
 * problem document and closed, instead of Node's bare status line. While the application closes, running requests end
 * with `Connection: close` and new ones on open connections are refused with 503.
 */
export class EdgeHttpAdapter extends ExpressAdapter {
  readonly #limits: ServerLimits;
  readonly #onRefusal: RefusalListener;
  readonly #running = new Map<Duplex, ServerResponse>();
  #closing = false;

  constructor(limits: Partial<ServerLimits> = {}, onRefusal: RefusalListener = () => undefined) {
    super(express());
    this.#limits = { ...SERVER_LIMITS, ...limits };
    this.#onRefusal = onRefusal;
  }

  override initHttpServer(): void {
    this.httpServer = this.#createServer();
  }

  override beforeClose(): void {
    super.beforeClose();
    this.#closing = true;
    for (const response of this.#running.values()) {
      if (!response.headersSent) response.setHeader('Connection', 'close');
    }
  }

  /** Middleware: refuses requests that come while the application closes. */
  readonly refuseWhileClosing = (_: Request, response: Response, next: NextFunction): void => {
    if (!this.#closing) {
      next();
      return;
    }
    response.setHeader('Connection', 'close');
    throw new DomainError('service-unavailable', { public: 'The service is stopping.', retryAfterSeconds: 5 });
  };

  #createServer(): Server {
    const limits = this.#limits;
    const server = createServer(
      {
        maxHeaderSize: limits.headerBytesMax,
        headersTimeout: limits.headersTimeoutMs,
        requestTimeout: limits.requestTimeoutMs,
        keepAliveTimeout: limits.keepAliveTimeoutMs,
        connectionsCheckingInterval: limits.timeoutCheckMs,
        insecureHTTPParser: false,
        // The middleware checks it, so that its refusal is a problem document.
        requireHostHeader: false,
      },
      this.getInstance<express.Express>(),
    );
    // Counted here: Node's own limit answers the next request with a bare 503 instead of closing after the last.
    const counts = new WeakMap<Duplex, number>();
    server.prependListener('request', (request, response) => {
      this.#running.set(request.socket, response);
      const count = (counts.get(request.socket) ?? 0) + 1;
      counts.set(request.socket, count);
      if (count >= limits.requestsPerSocketMax) response.setHeader('Connection', 'close');
      // Of pipelined requests the last one counts: those before it are answered first.
      response.once('close', () => {
        if (this.#running.get(request.socket) === response) this.#running.delete(request.socket);
      });
    });
    // An unknown expectation may be ignored (RFC 9110 §10.1.1).
    server.on('checkExpectation', (request, response) => server.emit('request', request, response));
    const refused = new WeakSet<Duplex>();
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      if (refused.has(socket) || !socket.writable || error.code === 'ECONNRESET') {
        socket.destroy();
        return;
      }
      refused.add(socket);
      this.#refuse(error, socket);
    });
    return server;
  }

  #refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
    const response = this.#running.get(socket);
    if (response?.headersSent === true) {
      socket.destroy();
      return;
    }
    const { code, text } = parserRefusal(error.code ?? '');
    const request = response?.req as EdgeRequest | undefined;
    const traceId = request === undefined ? newTraceId() : traceIdOf(request);
    const internal = error.code ?? error.message;
    if (request !== undefined && response !== undefined) {
      // The request's own line in the log says what became of it.
      response.statusCode = PROBLEMS[code].status;
      request.refusal = { code, internal };
    } else {
      this.#onRefusal({ code, traceId, internal });
    }
    socket.end(rawProblem(code, text, traceId));
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  }
}

/** What Node's parser and timers report, as a refusal. */
function parserRefusal(errorCode: string): { code: ErrorCode; text: string } {
  switch (errorCode) {
    case 'HPE_HEADER_OVERFLOW':
      return { code: 'headers-too-large', text: 'The request line and headers are too large, must be at most 16 kB.' };
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return { code: 'payload-too-large', text: 'The chunk extensions of the body are too large.' };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { code: 'request-timeout', text: 'The request was not complete within the time allowed.' };
    default:
      return { code: 'request-invalid', text: 'The message is not valid HTTP/1.1.' };
  }
}

/** A whole HTTP response, for a connection that has no request to respond to. */
function rawProblem(code: ErrorCode, text: string, traceId: string): string {
  const { status } = PROBLEMS[code];
  const body = problemJson(problemDocument(code, { public: text }, { traceId }));
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}`,
    `Content-Type: ${PROBLEM_MEDIA_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    `X-Request-Id: ${traceId}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
