import { Reflector } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Express, NextFunction, Request, RequestHandler, Response } from 'express';
import helmet from 'helmet';
import type { Logger } from 'pino';
import { AcceptGuard } from './accept.guard.ts';
import { BODY_OPTIONS, bodyParser } from './body-parser.ts';
import type { BodyOptions } from './body-parser.ts';
import { EdgeHttpAdapter } from './http-server.ts';
import { logRequests } from './logging.ts';
import { ProblemFilter } from './problem.filter.ts';
import { checkRequestTarget } from './request-target.ts';
import { answerMethods } from './route-table.ts';
import { traceRequests } from './trace.ts';
import { validationPipe } from './validation.ts';

export interface HttpOptions {
  /** Writes one line per request. */
  readonly logger: Logger;
  /** Paths whose successes are not logged. */
  readonly quietPaths?: readonly string[];
  /** Whether clients reach the service by https, here or at a proxy. */
  readonly tls: boolean;
  /** Addresses or networks of proxies whose `X-Forwarded-*` headers are believed; none by default. */
  readonly trustProxy?: readonly string[];
  readonly body?: Partial<BodyOptions>;
}

/**
 * Sets up everything that is the same for every endpoint; call it once, before `init`, on an application created with
 * an `EdgeHttpAdapter` and `bodyParser: false`.
 *
 * In order: trace id, log line, closing, security headers, `no-store`, the request target, the method (404, 405,
 * OPTIONS), the body, then Nest's guards, pipes and controllers. Whatever any of them throws leaves through the one
 * filter as a problem document.
 */
export function configureHttp(app: NestExpressApplication, options: HttpOptions): void {
  const adapter: unknown = app.getHttpAdapter();
  if (!(adapter instanceof EdgeHttpAdapter)) throw new TypeError('the application must be created on EdgeHttpAdapter');
  const express = adapter.getInstance<Express>();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.set(
    'trust proxy',
    options.trustProxy === undefined || options.trustProxy.length === 0 ? false : options.trustProxy,
  );
  const middlewares: RequestHandler[] = [
    traceRequests,
    logRequests(options.logger, options.quietPaths),
    adapter.refuseWhileClosing,
    securityHeaders(options.tls),
    storeNothing,
    checkRequestTarget,
    ...answerMethods(express),
    ...bodyParser({ ...BODY_OPTIONS, ...options.body }),
  ];
  for (const middleware of middlewares) app.use(middleware);
  app.useGlobalFilters(new ProblemFilter());
  app.useGlobalGuards(new AcceptGuard(app.get(Reflector)));
  app.useGlobalPipes(validationPipe());
}

/**
 * Security headers. The policy lets Swagger UI work under any host name over plain HTTP: nothing is upgraded to https
 * and no host is pinned unless clients come by TLS, since browsers would obey and find nobody there.
 */
export function securityHeaders(tls: boolean): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        baseUri: ["'none'"],
        connectSrc: ["'self'"],
        fontSrc: ["'self'", 'data:'],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        scriptSrc: ["'self'"],
        scriptSrcAttr: ["'none'"],
        // Swagger UI sets style attributes.
        styleSrc: ["'self'", "'unsafe-inline'"],
        ...(tls ? { upgradeInsecureRequests: [] } : {}),
      },
    },
    // Browsers ignore these two over plain HTTP, with a warning on every page.
    crossOriginOpenerPolicy: tls,
    originAgentCluster: tls,
    strictTransportSecurity: tls ? { maxAge: 31_536_000, includeSubDomains: true } : false,
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
  });
}

/** Answers are about one caller's data: no cache may keep them. An operation that may be cached says so itself. */
function storeNothing(_: Request, response: Response, next: NextFunction): void {
  response.setHeader('Cache-Control', 'no-store');
  next();
}
