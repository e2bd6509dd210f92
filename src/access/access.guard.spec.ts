import { Catch, Controller, Get } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import type { Response } from 'express';
import request from 'supertest';
import { DomainError } from '#core';
import { Public as CommonPublic } from '../common/public.decorator.ts';
import { AccessGuard } from './access.guard.ts';
import { AccessService } from './access.service.ts';
import { Needs, Public } from './needs.decorator.ts';
import { CurrentPrincipal, principalOf } from './principal.ts';
import type { Principal } from './principal.ts';
import { notAuthenticated } from './refusal.ts';

@Controller()
class RoutesController {
  @Get('undeclared')
  undeclared(): string {
    return 'open';
  }

  @Get('public')
  @Public()
  open(): string {
    return 'open';
  }

  @Get('public-too')
  @CommonPublic()
  openToo(): string {
    return 'open';
  }

  @Get('public-with-principal')
  @Public()
  openWithPrincipal(@CurrentPrincipal() principal: Principal): string {
    return principal.id;
  }

  @Get('any')
  @Needs()
  any(@CurrentPrincipal() principal: Principal): readonly string[] {
    return principal.brandIds;
  }

  @Get('address')
  @Needs()
  address(@CurrentPrincipal() principal: Principal): string {
    return principal.label;
  }

  @Get('sizes')
  @Needs('sizes:create')
  sizes(@CurrentPrincipal() principal: Principal): readonly string[] {
    return principal.brandIds;
  }

  @Get('admin')
  @Needs('admin:keys')
  admin(): string {
    return 'admin';
  }
}

@Needs('catalog:read')
@Controller('catalog')
class CatalogController {
  @Get()
  list(): string {
    return 'catalogue';
  }

  @Get('keys')
  @Needs('keys:manage')
  keys(): string {
    return 'keys';
  }
}

/** Shows the code of a refusal as the status, so that nothing else of the service is needed. */
@Catch(DomainError)
class ShowRefusal implements ExceptionFilter {
  catch(error: DomainError, host: ArgumentsHost): void {
    const status =
      { 'not-authenticated': 401, 'scope-missing': 403, 'issuer-unavailable': 503 }[error.code as string] ?? 500;
    host
      .switchToHttp()
      .getResponse<Response>()
      .status(status)
      .json({ code: error.code, ...error.text });
  }
}

const agency = principalOf(
  {
    id: 'key_1',
    kind: 'agency',
    label: '',
    brandId: null,
    agencyId: 'agy_1',
    scopes: ['sizes:create', 'catalog:read'],
  },
  [
    { brandId: 'brd_a', scopes: ['sizes:create'] },
    { brandId: 'brd_b', scopes: ['catalog:read'] },
  ],
  { credential: 'api-key' },
);

const access = {
  authenticate: (authorization: string | undefined, address: string): Promise<Principal> => {
    if (authorization === 'Bearer good') return Promise.resolve({ ...agency, label: address });
    if (authorization === 'Bearer later')
      return Promise.reject(new DomainError('issuer-unavailable', { public: 'Later.' }));
    return Promise.reject(notAuthenticated('nobody'));
  },
};

let app: NestExpressApplication;

beforeAll(async () => {
  const module = await Test.createTestingModule({
    controllers: [RoutesController, CatalogController],
    providers: [
      { provide: AccessService, useValue: access },
      { provide: APP_GUARD, useClass: AccessGuard },
      { provide: APP_FILTER, useClass: ShowRefusal },
    ],
  }).compile();
  app = module.createNestApplication<NestExpressApplication>({ logger: false });
  await app.init();
});

afterAll(() => app.close());

const get = (path: string, credential?: string): request.Test => {
  const call = request(app.getHttpServer()).get(path);
  return credential === undefined ? call : call.set('Authorization', `Bearer ${credential}`);
};

const statusOf = async (path: string, credential?: string): Promise<number> => (await get(path, credential)).status;

/** The client address the guard takes a call for that says to be forwarded from 198.51.100.9. */
const addressSeen = async (): Promise<string> =>
  (await get('/address', 'good').set('X-Forwarded-For', '198.51.100.9')).text;

describe('AccessGuard', () => {
  it('refuses a route that states no rule, to everybody', async () => {
    expect(await statusOf('/undeclared')).toBe(403);
    expect(await statusOf('/undeclared', 'good')).toBe(403);
  });

  it.each(['/public', '/public-too'])('lets everybody into %s', async (path) => {
    expect((await get(path)).text).toBe('open');
  });

  it('gives a public route no principal, whatever the caller sends', async () => {
    expect(await statusOf('/public-with-principal', 'good')).toBe(401);
  });

  it('asks for a credential and says how', async () => {
    const { headers, body } = await get('/any').expect(401);
    expect(body).toMatchObject({ code: 'not-authenticated' });
    expect(headers['www-authenticate']).toBe('Bearer realm="haven"');
  });

  it('refuses a wrong credential and says that it is the credential', async () => {
    const { headers } = await get('/any', 'bad').expect(401);
    expect(headers['www-authenticate']).toBe('Bearer realm="haven", error="invalid_token"');
  });

  it('passes on that a credential cannot be judged now, without calling it wrong', async () => {
    const { headers } = await get('/any', 'later').expect(503);
    expect(headers['www-authenticate']).toBeUndefined();
  });

  it('gives a route the brands for which its scope holds, and no others', async () => {
    expect((await get('/sizes', 'good')).body).toEqual(['brd_a']);
    expect((await get('/any', 'good')).body).toEqual(['brd_a', 'brd_b']);
  });

  it('names the scope that is missing', async () => {
    const { headers, body } = await get('/admin', 'good').expect(403);
    expect(body).toMatchObject({ code: 'scope-missing', extensions: { neededScope: 'admin:keys' } });
    expect(headers['www-authenticate']).toContain('error="insufficient_scope", scope="admin:keys"');
  });

  it('lets the rule of a method stand before that of its class', async () => {
    expect(await statusOf('/catalog', 'good')).toBe(200);
    expect(await statusOf('/catalog/keys', 'good')).toBe(403);
  });

  it.each(['access_token=good', 'api_key=good', 'x=1&API_KEY=good', 'q=crk_live_AbCd1234_secret'])(
    'refuses a credential in the URL (?%s), alone or beside a good one',
    async (query) => {
      expect(await statusOf(`/any?${query}`)).toBe(401);
      expect(await statusOf(`/any?${query}`, 'good')).toBe(401);
    },
  );

  it('believes X-Forwarded-For only from a proxy that is trusted', async () => {
    expect(await addressSeen()).toMatch(/127\.0\.0\.1$|^::1$/);
    app.set('trust proxy', 'loopback');
    expect(await addressSeen()).toBe('198.51.100.9');
    app.set('trust proxy', false);
  });
});
