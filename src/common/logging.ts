import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DynamicModule } from '@nestjs/common';
import type { Response } from 'express';
import { LoggerModule } from 'nestjs-pino';
import { pino } from 'pino';
import type { DestinationStream, LevelWithSilent, Logger } from 'pino';
import { pinoHttp } from 'pino-http';
import type { HttpLogger } from 'pino-http';
import { DomainError } from '#core';
import { redact } from './redaction.ts';
import { pathOf, routeOf, traceIdOf } from './request-context.ts';
import type { EdgeRequest } from './request-context.ts';

/** Causes of causes that are written. */
const CAUSES_MAX = 3;

interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: LoggedError;
}

/**
 * The process's logger: one JSON object a line, times in RFC 3339 UTC. Every line goes through `redact` as its last
 * step, so nothing that is logged anywhere can carry a secret of a known form.
 *
 * @param destination where lines go; standard output by default.
 */
export function createLogger(level: LevelWithSilent, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    messageKey: 'message',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: (error: unknown) => describeError(error) },
    hooks: { streamWrite: redact },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/**
 * Writes one line per request, when its answer is sent or its connection is gone: traceId, method, path without query,
 * route pattern, status, milliseconds, who called, and of a refusal its code and the text meant for the log. A failure
 * of the service (5xx) is an error with the exception; headers and bodies are never written.
 *
 * @param quietPaths paths that are asked all the time, such as health checks: no line unless they fail.
 */
export function logRequests(logger: Logger, quietPaths: readonly string[] = []): HttpLogger {
  return pinoHttp({
    logger,
    quietReqLogger: true,
    quietResLogger: true,
    wrapSerializers: false,
    genReqId: (request) => traceIdOf(expressOf(request)),
    customAttributeKeys: { reqId: 'traceId' },
    customLogLevel: (request, response, error) => {
      if (error !== undefined || response.statusCode >= 500) return 'error';
      return quietPaths.includes(pathOf(expressOf(request)) ?? '') ? 'silent' : 'info';
    },
    customSuccessMessage: () => 'request',
    customErrorMessage: () => 'request failed',
    customSuccessObject: (request, response, { responseTime }: { responseTime: number }) =>
      requestLine(request, response, responseTime),
    customErrorObject: (request, response, error, { responseTime }: { responseTime: number }) => ({
      ...requestLine(request, response, responseTime),
      err: error,
    }),
  });
}

/** Nest's own logging and injected `PinoLogger`s through the same logger; request lines are `logRequests`' alone. */
export const loggingModule = (logger: Logger): DynamicModule =>
  LoggerModule.forRoot({
    pinoHttp: {
      logger,
      autoLogging: false,
      quietReqLogger: true,
      wrapSerializers: false,
      genReqId: (request) => traceIdOf(expressOf(request)),
      customAttributeKeys: { reqId: 'traceId' },
    },
  });

// The middlewares run inside Express, so the message is Express's.
const expressOf = (request: IncomingMessage): EdgeRequest => request as EdgeRequest;

function requestLine(message: IncomingMessage, response: ServerResponse, responseTime: number): object {
  const request = expressOf(message);
  return {
    method: request.method,
    path: pathOf(request),
    route: routeOf(request),
    status: response.statusCode,
    ms: responseTime,
    principal: request.principal?.id,
    code: request.refusal?.code,
    reason: request.refusal?.internal,
    complete: (response as Response).writableFinished,
  };
}

/**
 * What is written of an exception: type, text, stack and causes. Not its other fields: a database error carries the
 * statement's parameters.
 */
export function describeError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'something that is not an error was thrown' };
  const code = error instanceof DomainError ? error.code : (error as { code?: unknown }).code;
  return {
    type: error.name,
    message: error.message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(error.cause === undefined || depth >= CAUSES_MAX ? {} : { cause: describeError(error.cause, depth + 1) }),
  };
}
