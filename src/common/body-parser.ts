import express from 'express';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { DomainError } from '#core';
import { JSON_LIMITS, parseGuardedJson } from './json-guard.ts';
import type { JsonLimits } from './json-guard.ts';
import { isRouted } from './route-table.ts';

export interface BodyOptions {
  /** Most bytes of a body, before and after decompression. */
  readonly sizeBytesMax: number;
  readonly limits: JsonLimits;
  /** Paths that take application/x-www-form-urlencoded, and nothing else: the OAuth token endpoint (RFC 6749 §4.4.2). */
  readonly formPaths: readonly string[];
}

export const BODY_OPTIONS: BodyOptions = { sizeBytesMax: 65_536, limits: JSON_LIMITS, formPaths: ['/oauth/token'] };

const METHODS_WITH_BODY = new Set(['POST', 'PUT', 'PATCH']);
const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';
const FORM_FIELDS_MAX = 50;

/**
 * Middlewares that turn the body of a POST, PUT or PATCH into `request.body`: an object, or undefined where there is no
 * body. Bodies of other methods and of addresses without a route are not read.
 *
 * Refuses with DomainError: another media type or charset, an unknown content coding ('media-type-unsupported'); too
 * many bytes, also after decompression ('payload-too-large'); what the JSON guard refuses ('json-invalid'); a root that
 * is not an object, a length that is not the one announced, data that do not decompress ('request-invalid').
 */
export function bodyParser(options: BodyOptions): RequestHandler[] {
  const read = express.raw({ type: () => true, limit: options.sizeBytesMax });
  const readBody: RequestHandler = (request, response, next) => {
    if (!isRouted(response) || !METHODS_WITH_BODY.has(request.method) || !hasBody(request)) {
      next();
      return;
    }
    requireMediaType(request, options);
    // Known beforehand, so that nothing has to be read. The rest of the body is drained within the request time-out.
    if (Number(request.get('content-length') ?? 0) > options.sizeBytesMax) throw tooLarge(options);
    read(request, response, (error?: unknown) => next(error === undefined ? undefined : readingError(error, options)));
  };
  const parseBody: RequestHandler = (request: Request, _: Response, next: NextFunction) => {
    const body: unknown = request.body;
    if (Buffer.isBuffer(body)) request.body = parseBytes(request, body, options);
    next();
  };
  return [readBody, parseBody];
}

/** Whether the message has content (RFC 9112 §6.3). */
const hasBody = (request: Request): boolean =>
  request.get('transfer-encoding') !== undefined || Number(request.get('content-length') ?? 0) > 0;

const mediaTypeOf = (request: Request): string =>
  (request.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';

const isFormPath = (request: Request, options: BodyOptions): boolean => options.formPaths.includes(request.path);

function requireMediaType(request: Request, options: BodyOptions): void {
  const wanted = isFormPath(request, options) ? FORM_TYPE : JSON_TYPE;
  if (mediaTypeOf(request) !== wanted) {
    throw new DomainError('media-type-unsupported', {
      public: `The "Content-Type" is ${request.get('content-type') === undefined ? 'missing' : 'another'}, must be ${wanted}.`,
    });
  }
  const charset = /;\s*charset\s*=\s*"?([^;"\s]*)/i.exec(request.get('content-type') ?? '')?.[1]?.toLowerCase();
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8') {
    throw new DomainError('media-type-unsupported', { public: 'The charset is another, must be utf-8.' });
  }
}

const tooLarge = (options: BodyOptions): DomainError =>
  new DomainError('payload-too-large', {
    public: `The body is too large, must be at most ${options.sizeBytesMax} bytes, also after decompression.`,
  });

/** What reading can meet, as `raw-body` and `zlib` name it. */
function readingError(error: unknown, options: BodyOptions): unknown {
  const type = typeof error === 'object' && error !== null && 'type' in error ? error.type : undefined;
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  if (type === 'entity.too.large') return tooLarge(options);
  if (type === 'encoding.unsupported') {
    return new DomainError('media-type-unsupported', {
      public: 'The "Content-Encoding" is another, must be gzip, deflate, br, zstd or absent.',
    });
  }
  if (type === 'request.aborted' || type === 'request.size.invalid') {
    return new DomainError('request-invalid', { public: 'The body ended before its announced length.', cause: error });
  }
  if (/^(Z_|ERR_|ZSTD_)/.test(code)) {
    return new DomainError('request-invalid', {
      public: 'The body does not decompress as its "Content-Encoding" says.',
      cause: error,
    });
  }
  return error;
}

function parseBytes(request: Request, bytes: Buffer, options: BodyOptions): unknown {
  if (isFormPath(request, options)) return parseForm(bytes.toString('utf8'));
  const value = parseGuardedJson(bytes, options.limits);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  const message = `is ${Array.isArray(value) ? 'an array' : 'a single value'}, must be an object`;
  throw new DomainError('request-invalid', {
    public: `The body ${message}.`,
    errors: [{ pointer: '', code: 'type', message }],
  });
}

/** Fields of a form, each once. */
function parseForm(text: string): Record<string, string> {
  const fields = [...new URLSearchParams(text)];
  const names = new Set(fields.map(([name]) => name));
  const faulty =
    fields.length > FORM_FIELDS_MAX || names.size < fields.length || names.has('__proto__') || text.includes('%00');
  if (faulty || text.includes('\0')) {
    throw new DomainError('request-invalid', {
      public: `The form has a field twice, a NUL character or too many fields, must have at most ${FORM_FIELDS_MAX}, each once.`,
    });
  }
  return Object.fromEntries(fields);
}
