import { Inject, Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { PgBoss } from 'pg-boss';
import { DATABASE_CONNECTION } from '../database/connection.ts';
import type { DatabaseConnection } from '../database/connection.ts';

/** A piece of work that is repeated. Must be idempotent: it may run twice, and on any replica. */
export interface ScheduledJob {
  /** Queue name: letters, digits, `-`. */
  readonly name: string;
  /** Five-field cron expression, UTC. */
  readonly cron: string;
  readonly run: () => Promise<unknown>;
}

/** Longest a job may run before another replica may take it, seconds. */
const EXPIRE_SECONDS = 300;

/** How long a stop waits for running jobs, milliseconds. */
const STOP_MS = 5_000;

/**
 * Repeated work on the queue of our own PostgreSQL (schema `pgboss`), so that of all replicas one does each turn.
 * Capabilities announce their jobs in their constructors; the queue starts with the application.
 */
@Injectable()
export class JobsService implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #log = new Logger(JobsService.name);
  readonly #jobs: ScheduledJob[] = [];
  #boss: PgBoss | undefined;

  constructor(@Inject(DATABASE_CONNECTION) private readonly connection: DatabaseConnection) {}

  /** Announces a job. Call before the application has started. */
  schedule(job: ScheduledJob): void {
    this.#jobs.push(job);
  }

  async onApplicationBootstrap(): Promise<void> {
    const boss = new PgBoss({ ...this.connection, schema: 'pgboss', max: 3, application_name: 'haven-jobs' });
    boss.on('error', (error: unknown) => this.#log.error(error));
    await boss.start();
    this.#boss = boss;
    for (const job of this.#jobs) {
      await boss.createQueue(job.name, { retryLimit: 2, expireInSeconds: EXPIRE_SECONDS });
      await boss.schedule(job.name, job.cron, {}, { tz: 'UTC' });
      await boss.work(job.name, { pollingIntervalSeconds: 5 }, async () => {
        await job.run();
      });
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#boss?.stop({ graceful: true, timeout: STOP_MS });
  }
}
