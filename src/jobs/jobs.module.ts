import { Global, Module } from '@nestjs/common';
import { HousekeepingService } from './housekeeping.service.ts';
import { JobsService } from './jobs.service.ts';

@Global()
@Module({ providers: [JobsService, HousekeepingService], exports: [JobsService] })
export class JobsModule {}
