import { Global, Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccessModule } from './access/access.module.ts';
import { AudiencesModule } from './audiences/audiences.module.ts';
import { AuditModule } from './audit/audit.module.ts';
import { BrandsModule } from './brands/brands.module.ts';
import { CatalogModule } from './catalog/catalog.module.ts';
import { CommonModule } from './common/common.module.ts';
import { loggingModule } from './common/logging.ts';
import { RateLimitGuard } from './common/rate-limit.guard.ts';
import { CLOCK } from './config/clock.ts';
import { CONFIG } from './config/config.ts';
import { ConsentModule } from './consent/consent.module.ts';
import { DATABASE_CONNECTION } from './database/connection.ts';
import { dataSourceOptions } from './database/data-source.ts';
import { WAREHOUSE } from './database/warehouse.ts';
import { HealthModule } from './health/health.module.ts';
import { JobsModule } from './jobs/jobs.module.ts';
import { LEDGER_MARK_KEY } from './releases/ledger-mark-key.ts';
import { NOISE_SOURCE, noiseSource } from './releases/noise-source.ts';
import { ReleasesModule } from './releases/releases.module.ts';
import type { Runtime } from './runtime.ts';

/** Gives what the service stands on to everybody who injects it. */
@Global()
@Module({})
export class RuntimeModule {
  static forRoot(runtime: Runtime): DynamicModule {
    const providers = [
      { provide: CONFIG, useValue: runtime.config },
      { provide: CLOCK, useValue: runtime.clock },
      { provide: WAREHOUSE, useValue: runtime.warehouse },
      { provide: DATABASE_CONNECTION, useValue: runtime.database },
      { provide: LEDGER_MARK_KEY, useValue: runtime.keys.ledgerMark },
      { provide: NOISE_SOURCE, useValue: noiseSource(runtime.config.production, runtime.random) },
    ];
    return { module: RuntimeModule, providers, exports: providers.map(({ provide }) => provide) };
  }
}

/** Limits the rate of every route. Global guards run in the order of their modules' imports, the root's own first. */
@Module({ providers: [{ provide: APP_GUARD, useExisting: RateLimitGuard }, RateLimitGuard] })
export class RateLimitModule {}

/** The service: one module per capability. */
@Module({})
export class AppModule {
  static forRoot(runtime: Runtime): DynamicModule {
    const { config, keys } = runtime;
    return {
      module: AppModule,
      imports: [
        RuntimeModule.forRoot(runtime),
        loggingModule(runtime.logger),
        TypeOrmModule.forRoot(dataSourceOptions(runtime.database)),
        CommonModule.forRoot({ cursorSecret: keys.cursor.reveal(), rateLimits: config.rateLimits }),
        AccessModule.forRoot({
          publicUrl: config.publicUrl,
          issuers: config.oidcIssuers,
          keyMode: config.production ? 'live' : 'test',
          issuerSeed: keys.issuer.reveal(),
        }),
        // After the access guard of AccessModule: a limit counts against the principal it found.
        RateLimitModule,
        AuditModule,
        AudiencesModule,
        BrandsModule,
        CatalogModule,
        ConsentModule,
        HealthModule,
        JobsModule,
        ReleasesModule,
      ],
    };
  }
}
