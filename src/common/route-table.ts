import { METHODS } from 'node:http';
import express from 'express';
import type { Express, NextFunction, Request, RequestHandler, Response } from 'express';
import { DomainError } from '#core';

/** As `router.listRoutes()` of Express 5.3 gives them; its published types do not have it yet. */
interface ListedRoute {
  readonly path: string | RegExp;
  /** Absent for mounted routers. */
  readonly methods?: readonly string[];
}

interface RoutedLocals {
  allowedMethods?: Set<string>;
}

const localsOf = (response: Response): RoutedLocals => response.locals as RoutedLocals;

/** Whether the address of the request has a route, with this method or another. Known after `answerMethods`. */
export const isRouted = (response: Response): boolean => localsOf(response).allowedMethods !== undefined;

/**
 * Middlewares that answer by method before anything reads the body: an address that has routes, but none with this
 * method, is refused with 'method-not-allowed' and `Allow`; OPTIONS is answered 204 with `Allow`. An address without
 * any route passes on, so that the framework gives its 404.
 *
 * The table is what Express itself has registered when the first request comes, matched by an Express router with the
 * same rules, so it cannot differ from what is served.
 */
export function answerMethods(app: Express): RequestHandler[] {
  let table: express.Router | undefined;
  const look: RequestHandler = (request, response, next) => {
    table ??= buildTable(app);
    table(request, response, next);
  };
  return [look, refuseOtherMethods];
}

function buildTable(app: Express): express.Router {
  const table = express.Router({
    caseSensitive: app.enabled('case sensitive routing'),
    strict: app.enabled('strict routing'),
  });
  for (const { path, methods } of listRoutes(app)) {
    if (methods === undefined || isForEveryMethod(methods)) continue;
    table.all(path, (_: Request, response: Response, next: NextFunction) => {
      const locals = localsOf(response);
      locals.allowedMethods = new Set([...(locals.allowedMethods ?? ['OPTIONS']), ...methods]);
      next();
    });
  }
  return table;
}

/** Middlewares of modules are routes of every method at every address, and say nothing about what exists. */
const isForEveryMethod = (methods: readonly string[]): boolean =>
  methods.includes('*') || METHODS.every((method) => methods.includes(method));

/** Every route of the application by its pattern and methods, HEAD included where GET is. */
export function listRoutes(app: Express): readonly ListedRoute[] {
  const router: unknown = app.router;
  return (router as { listRoutes(): readonly ListedRoute[] }).listRoutes();
}

function refuseOtherMethods(request: Request, response: Response, next: NextFunction): void {
  const allowed = localsOf(response).allowedMethods;
  if (allowed === undefined || (allowed.has(request.method) && request.method !== 'OPTIONS')) {
    next();
    return;
  }
  const methods = [...allowed].toSorted();
  response.setHeader('Allow', methods.join(', '));
  if (request.method === 'OPTIONS') {
    response.status(204).end();
    return;
  }
  throw new DomainError('method-not-allowed', {
    public: `The method is another, must be one of ${methods.join(', ')}.`,
    extensions: { allow: methods },
  });
}
