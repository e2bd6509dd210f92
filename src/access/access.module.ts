import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import type { Clock } from '#core';
import { AuditModule } from '../audit/audit.module.ts';
import { BrandsModule } from '../brands/brands.module.ts';
import { CLOCK } from '../config/clock.ts';
import { AccessGuard } from './access.guard.ts';
import { ACCESS_OPTIONS } from './access.options.ts';
import type { AccessOptions } from './access.options.ts';
import { AccessService } from './access.service.ts';
import { AdminApiKeysController } from './admin-api-keys.controller.ts';
import { AdminIdentitiesController } from './admin-identities.controller.ts';
import { ApiKeyListService } from './api-key-list.service.ts';
import { ApiKeysController } from './api-keys.controller.ts';
import { ApiKeysService } from './api-keys.service.ts';
import { CredentialsService } from './credentials.service.ts';
import { IdentitiesService } from './identities.service.ts';
import { issuerKeyOf } from './issuer-key.ts';
import { LocalIssuer } from './local-issuer.ts';
import { MeController } from './me.controller.ts';
import { OAuthController } from './oauth.controller.ts';
import { OAuthService } from './oauth.service.ts';
import { remoteKeys } from './remote-keys.ts';
import { TokenVerifier } from './token-verifier.ts';

/** Who calls, and what it may do. Brings the guard of every route; needs `CLOCK`, `DataSource` and `CursorSealer` to be global. */
@Module({})
export class AccessModule {
  static forRoot(options: AccessOptions): DynamicModule {
    return {
      module: AccessModule,
      imports: [AuditModule, BrandsModule],
      controllers: [
        MeController,
        ApiKeysController,
        AdminApiKeysController,
        AdminIdentitiesController,
        OAuthController,
      ],
      providers: [
        { provide: ACCESS_OPTIONS, useValue: options },
        { provide: LocalIssuer, inject: [ACCESS_OPTIONS, CLOCK], useFactory: localIssuer },
        { provide: TokenVerifier, inject: [ACCESS_OPTIONS, LocalIssuer, CLOCK], useFactory: tokenVerifier },
        { provide: APP_GUARD, useClass: AccessGuard },
        AccessService,
        ApiKeyListService,
        ApiKeysService,
        CredentialsService,
        IdentitiesService,
        OAuthService,
      ],
      exports: [ApiKeysService],
    };
  }
}

function localIssuer(options: AccessOptions, clock: Clock): Promise<LocalIssuer> {
  return LocalIssuer.create(options.publicUrl, issuerKeyOf(options.issuerSeed), clock);
}

function tokenVerifier(options: AccessOptions, local: LocalIssuer, clock: Clock): TokenVerifier {
  const own = { issuer: local.issuer, audience: local.issuer, keys: local.verificationKeys };
  const others = options.issuers.map(({ jwksUri, ...issuer }) => ({ ...issuer, keys: remoteKeys(jwksUri, clock) }));
  return new TokenVerifier([own, ...others], clock);
}
