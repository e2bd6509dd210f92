import { METHODS } from 'node:http';
import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants';
import { ModulesContainer } from '@nestjs/core';
import type { Express } from 'express';
import { ACCESS_RULE } from '../../src/access/needs.decorator.ts';
import { SCOPES } from '../../src/access/scopes.ts';
import { listRoutes } from '../../src/common/route-table.ts';
import { IS_PUBLIC } from '../../src/common/public.decorator.ts';
import { buildOpenApi } from '../../src/openapi-document.ts';
import { createTestApplication } from '../harness/application.ts';
import type { TestApplication } from '../harness/application.ts';

/** What answers everybody. A line here is a decision: each of these says nothing about any tenant or member. */
const PUBLIC = [
  'GET /.well-known/jwks.json',
  'GET /.well-known/oauth-authorization-server',
  'GET /healthz',
  'GET /metrics',
  'GET /problems',
  'GET /problems/{code}',
  'GET /readyz',
  'POST /oauth/token',
];

/** Served, but no part of the API that clients are made from. */
const UNDOCUMENTED = ['GET /metrics', 'GET /problems', 'GET /problems/{code}'];

/** The document itself and the pages that show it; Swagger registers them, not a controller. */
const DOCUMENTATION = /^GET \/(docs(\/|-json$|-yaml$|$)|openapi\.(json|yaml)$)/;

/** The only scope under which a call may spend privacy budget. */
const SPENDING_SCOPE = 'sizes:create';

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, unknown>>;
  readonly security?: unknown;
  readonly requestBody?: unknown;
  readonly 'x-haven-scope'?: string;
}

interface Handler {
  readonly route: string;
  readonly rule: string | undefined;
  readonly isPublic: boolean;
}

let haven: TestApplication;
let routed: readonly string[];
let handlers: readonly Handler[];
let operations: ReadonlyMap<string, Operation>;

beforeAll(async () => {
  haven = await createTestApplication({ name: 'routes', members: 1_000 });
  routed = routes(haven.app.getHttpAdapter().getInstance());
  handlers = declaredHandlers(haven.app.get(ModulesContainer));
  const paths = Object.entries(buildOpenApi(haven.app).paths);
  operations = new Map(
    paths.flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => [
        `${method.toUpperCase()} ${path}`,
        operation as unknown as Operation,
      ]),
    ),
  );
});

afterAll(() => haven.close());

/** `METHOD /path/{parameter}` of everything Express routes, without HEAD and without middlewares, which take every method. */
function routes(express: Express): string[] {
  const routable = listRoutes(express).filter(({ methods = [] }) => methods.length < METHODS.length);
  return routable.flatMap(({ path, methods = [] }) =>
    methods
      .filter((method) => method !== '*' && method !== 'HEAD')
      .map((method) => `${method} ${String(path).replaceAll(/:(\w+)/g, '{$1}')}`),
  );
}

const pathOf = (route: string): string => route.slice(route.indexOf(' ') + 1);

/** Whether an address is one of a path with `{parameters}`. */
function matches(path: string, address: string): boolean {
  const given = address.split('/');
  const parts = path.split('/');
  return parts.length === given.length && parts.every((part, i) => part.startsWith('{') || part === given[i]);
}

/** Every controller method with its route and what it says about access. */
function declaredHandlers(modules: ModulesContainer): Handler[] {
  const controllers = [...modules.values()].flatMap((module) => [...module.controllers.values()]);
  return controllers.flatMap(({ metatype }) => {
    if (typeof metatype !== 'function') return [];
    const { prototype } = metatype as { prototype: object };
    return Object.getOwnPropertyNames(prototype).flatMap((name): Handler[] => {
      const method: unknown = Reflect.get(prototype, name);
      if (typeof method !== 'function' || !Reflect.hasMetadata(METHOD_METADATA, method)) return [];
      const verb = RequestMethod[Reflect.getMetadata(METHOD_METADATA, method) as RequestMethod];
      const parts = [metatype, method].map((target) => String(Reflect.getMetadata(PATH_METADATA, target)));
      const path = `/${parts.join('/')}`.replaceAll(/\/+/g, '/').replace(/(?<=.)\/$/, '');
      const told = (key: string): unknown =>
        Reflect.getMetadata(key, method) ?? (Reflect.getMetadata(key, metatype) as unknown);
      return [
        {
          route: `${verb} ${path.replaceAll(/:(\w+)/g, '{$1}')}`,
          rule: told(ACCESS_RULE) as string | undefined,
          isPublic: told(IS_PUBLIC) === true,
        },
      ];
    });
  });
}

it('serves what the controllers declare and the documentation, nothing else', () => {
  const served = routed.filter((route) => !DOCUMENTATION.test(route));
  expect([...new Set(served)].toSorted()).toEqual(handlers.map(({ route }) => route).toSorted());
  expect(handlers.length).toBeGreaterThan(40);
});

it('has for every route a rule, or a line in the public list', () => {
  expect(
    handlers
      .filter(({ isPublic }) => isPublic)
      .map(({ route }) => route)
      .toSorted(),
  ).toEqual(PUBLIC);
  const closed = handlers.filter(({ isPublic }) => !isPublic);
  expect(closed.filter(({ rule }) => rule === undefined)).toEqual([]);
  expect(closed.filter(({ rule }) => rule === 'any-credential').map(({ route }) => route)).toEqual(['GET /v1/me']);
});

it('uses every scope there is, and no other', () => {
  const used = new Set(handlers.flatMap(({ rule }) => (rule === undefined ? [] : [rule])));
  used.delete('any-credential');
  expect([...used].toSorted()).toEqual([...SCOPES].toSorted());
});

it('keeps the retailer’s routes and the brands’ apart by scope', () => {
  const misplaced = handlers.filter(
    ({ route, rule }) => rule !== undefined && rule.startsWith('admin:') !== route.includes(' /admin/'),
  );
  expect(misplaced).toEqual([]);
});

it('documents every route, and nothing that is not there', () => {
  const documented = handlers.map(({ route }) => route).filter((route) => !UNDOCUMENTED.includes(route));
  expect([...operations.keys()].toSorted()).toEqual(documented.toSorted());
});

it('documents of each operation who may call it', () => {
  for (const { route, rule, isPublic } of handlers) {
    const operation = operations.get(route);
    if (operation === undefined) continue;
    expect({ route, scope: operation['x-haven-scope'] }).toEqual({ route, scope: isPublic ? 'public' : rule });
    expect({ route, secured: operation.security !== undefined }).toEqual({ route, secured: !isPublic });
  }
});

it('documents the refusals that any call can meet', () => {
  for (const [route, { responses, requestBody, ...operation }] of operations) {
    const scope = operation['x-haven-scope'];
    const wanted = [429, 503];
    if (scope !== 'public') wanted.push(401);
    if (scope !== 'public' && scope !== 'any-credential') wanted.push(403);
    if (requestBody !== undefined) wanted.push(400, 413, 415);
    if (route.includes('{')) wanted.push(404);
    const missing = wanted.filter((status) => responses[status] === undefined);
    expect({ route, missing }).toEqual({ route, missing: [] });
  }
});

it('gives every operation an id of its own', () => {
  const ids = [...operations.values()].map(({ operationId }) => operationId);
  expect(ids.filter((id) => !/^[a-z]+_[a-zA-Z]+$/.test(id))).toEqual([]);
  expect(new Set(ids).size).toBe(ids.length);
});

it('answers 405 with the methods there are to every other method of an address', async () => {
  for (const path of new Set(routed.map(pathOf))) {
    const address = path.replaceAll(/\{\w+\}/g, 'none');
    const served = routed.filter((route) => matches(pathOf(route), address)).map((route) => route.split(' ')[0]);
    const allow = new Set([...served, 'OPTIONS', ...(served.includes('GET') ? ['HEAD'] : [])]);
    const response = await fetch(haven.url + address, { method: 'PATCH' });
    await response.arrayBuffer();
    const allowed = response.headers.get('allow')?.split(', ') ?? [];
    expect({ path, status: response.status, allow: new Set(allowed) }).toEqual({ path, status: 405, allow });
  }
});

it('counts the calls that spend, and only those, against the spending allowance', async () => {
  const { analyst, manager } = haven.keys;
  for (const [route, operation] of operations) {
    const scope = operation['x-haven-scope'] ?? '';
    if (scope === 'public') continue;
    const [method = '', path = ''] = route.split(' ');
    const response = await fetch(haven.url + path.replaceAll(/\{\w+\}/g, 'none'), {
      method,
      headers: { authorization: `Bearer ${scope.startsWith('admin:') ? manager : analyst}` },
    });
    await response.arrayBuffer();
    const rateClass = /^"(\w+)"/.exec(response.headers.get('ratelimit-policy') ?? '')?.[1];
    expect({ route, rateClass }).toEqual({ route, rateClass: scope === SPENDING_SCOPE ? 'spend' : 'default' });
  }
});
