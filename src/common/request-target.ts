import type { NextFunction, Request, Response } from 'express';
import { DomainError } from '#core';
import { jsonPointer } from './json-pointer.ts';

const PARAMETERS_MAX = 50;

/**
 * Middleware that refuses, before routing, what no operation could take: a missing or repeated `Host` (RFC 9112 §3.2),
 * a NUL in the address, which PostgreSQL cannot store, a query parameter twice, named `__proto__`, or more than 50.
 *
 * @throws DomainError 'request-invalid'
 */
export function checkRequestTarget(request: Request, _: Response, next: NextFunction): void {
  const hosts = request.rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host').length;
  if (hosts > 1 || (hosts === 0 && request.httpVersion !== '1.0')) {
    throw new DomainError('request-invalid', { public: 'The "Host" header must be there, once.' });
  }
  if (request.originalUrl.includes('%00')) {
    throw new DomainError('request-invalid', { public: 'The address holds a NUL character, must not.' });
  }
  const query = request.originalUrl.split('?').slice(1).join('?');
  if (query !== '') checkParameters([...new URLSearchParams(query).keys()]);
  next();
}

function checkParameters(names: readonly string[]): void {
  if (names.length > PARAMETERS_MAX) {
    throw new DomainError('request-invalid', {
      public: `The query has ${names.length} parameters, must have at most ${PARAMETERS_MAX}.`,
    });
  }
  const seen = new Set<string>();
  for (const name of names) {
    if (!seen.has(name) && name !== '__proto__') {
      seen.add(name);
      continue;
    }
    const message =
      name === '__proto__' ? 'is not a parameter, must be left out' : 'is there twice, must be there once';
    throw new DomainError('request-invalid', {
      public: `A query parameter ${message}.`,
      errors: [{ pointer: jsonPointer([name]), code: 'parameter', message }],
    });
  }
}
