import { Injectable } from '@nestjs/common';
import { IdempotencyService } from '../common/idempotency.service.ts';
import { RateLimitService } from '../common/rate-limit.service.ts';
import { JobsService } from './jobs.service.ts';

/** Deletes what the HTTP edge no longer needs: answers past their retention and rates that are full again. */
@Injectable()
export class HousekeepingService {
  constructor(jobs: JobsService, idempotency: IdempotencyService, rateLimits: RateLimitService) {
    jobs.schedule({ name: 'purge-idempotency-keys', cron: '7 * * * *', run: () => idempotency.purge() });
    jobs.schedule({ name: 'purge-rate-limits', cron: '*/10 * * * *', run: () => rateLimits.purge() });
  }
}
