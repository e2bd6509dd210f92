import { Catch } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';
import type { DomainError } from '#core';
import { toDomainError } from './error-mapping.ts';
import { PROBLEMS, problemDocument, problemJson } from './problem.ts';
import { pathOf, traceIdOf } from './request-context.ts';
import type { EdgeRequest } from './request-context.ts';
import { ReplayedRefusal } from './replayed-refusal.ts';
import { textWithCharge } from './spending.ts';

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** What a 503 says that does not know when it will be over. */
const UNAVAILABLE_RETRY_SECONDS = 5;

/**
 * The one place where an exception becomes an HTTP answer: every refusal, whoever threw it, is a problem document.
 *
 * The caller sees the code and the public text of a `DomainError`, and of anything else only that the service failed.
 * The cause is left on the response for the request's line in the log, so that it is logged once, with the trace id.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    sendProblem(http.getRequest<EdgeRequest>(), http.getResponse<Response>(), toDomainError(exception));
  }
}

function sendProblem(request: EdgeRequest, response: Response, error: DomainError): void {
  // Answered already, or by the server itself while the body was read.
  if (request.refusal !== undefined) return;
  const { status } = PROBLEMS[error.code];
  if (status >= 500) response.err = error;
  request.refusal = {
    code: error.code,
    ...(error.text.internal === undefined ? {} : { internal: error.text.internal }),
  };
  if (response.headersSent) {
    // An answer that broke off half-way must not look complete.
    response.destroy(error);
    return;
  }
  const body = Buffer.from(problemText(request, response, error));
  setProblemHeaders(response, error);
  response.setHeader('Content-Length', body.length);
  response.end(body);
}

/** Text of the document; of an 'internal' one where an extension of the refusal cannot be written as JSON. */
function problemText(request: EdgeRequest, response: Response, error: DomainError): string {
  const instance = pathOf(request);
  const occurrence = { traceId: traceIdOf(request), ...(instance === undefined ? {} : { instance }) };
  try {
    const text = problemJson(problemDocument(error.code, textWithCharge(response, error), occurrence));
    response.statusCode = PROBLEMS[error.code].status;
    return text;
  } catch (cause) {
    const failure = toDomainError(cause);
    response.err = failure;
    response.statusCode = PROBLEMS[failure.code].status;
    return problemJson(problemDocument(failure.code, failure.text, occurrence));
  }
}

function setProblemHeaders(response: Response, error: DomainError): void {
  response.removeHeader('ETag');
  response.removeHeader('Last-Modified');
  response.setHeader('Content-Type', PROBLEM_MEDIA_TYPE);
  response.setHeader('Cache-Control', 'no-store');
  const retryAfterSeconds =
    error.text.retryAfterSeconds ?? (response.statusCode === 503 ? UNAVAILABLE_RETRY_SECONDS : 0);
  if (retryAfterSeconds > 0) response.setHeader('Retry-After', Math.ceil(retryAfterSeconds));
  // RFC 9110 §11.6.1: a 401 names the scheme; a guard that knows more has set it already.
  if (response.statusCode === 401 && !response.hasHeader('WWW-Authenticate')) {
    response.setHeader('WWW-Authenticate', 'Bearer realm="haven"');
  }
  if (error instanceof ReplayedRefusal) response.setHeader('Idempotent-Replayed', 'true');
}
