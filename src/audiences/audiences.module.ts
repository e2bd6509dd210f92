import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditModule } from '../audit/audit.module.ts';
import { CatalogModule } from '../catalog/catalog.module.ts';
import { ConsentModule } from '../consent/consent.module.ts';
import { ReleasesModule } from '../releases/releases.module.ts';
import { AudienceSizesService } from './audience-sizes.service.ts';
import { AudienceVersion } from './audience-version.entity.ts';
import { AudienceViewService } from './audience-view.service.ts';
import { Audience } from './audience.entity.ts';
import { AudiencesController } from './audiences.controller.ts';
import { AudiencesService } from './audiences.service.ts';
import { ReleaseGate } from './release-gate.ts';
import { SavedDefinitionsService } from './saved-definitions.service.ts';
import { SizeAnswerService } from './size-answer.service.ts';
import { SizesController } from './sizes.controller.ts';
import { SizingService } from './sizing.service.ts';

@Module({
  imports: [
    TypeOrmModule.forFeature([Audience, AudienceVersion]),
    AuditModule,
    CatalogModule,
    ConsentModule,
    ReleasesModule,
  ],
  controllers: [SizesController, AudiencesController],
  providers: [
    AudienceSizesService,
    AudienceViewService,
    AudiencesService,
    ReleaseGate,
    SavedDefinitionsService,
    SizeAnswerService,
    SizingService,
  ],
})
export class AudiencesModule {}
