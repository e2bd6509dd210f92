import { Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap } from '@nestjs/common';
import { JobsService } from '../jobs/jobs.service.ts';
import { ReleaseSettlementService } from './release-settlement.service.ts';

/** Settles releases whose process died: once at the start, then every minute. */
@Injectable()
export class ReaperService implements OnApplicationBootstrap {
  constructor(
    private readonly settlement: ReleaseSettlementService,
    jobs: JobsService,
  ) {
    jobs.schedule({ name: 'settle-expired-releases', cron: '* * * * *', run: () => settlement.reap() });
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.settlement.reap();
  }
}
