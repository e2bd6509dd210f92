import type { Agent } from 'node:http';
import type { BenchAudience } from './audiences.ts';
import type { BareDuckDb } from './bare-duckdb.ts';
import type { Figure } from './bench.ts';
import { expectJson, keepAlive } from './http-client.ts';
import { median, quantile, wallMs } from './measure.ts';
import { withService } from './service.ts';
import type { RunningService } from './service.ts';

/** Questions asked first that do not count. */
const WARM_UPS = 5;

/**
 * What a size costs over HTTP beyond its query: authentication, validation, price, reservation, noise, commit, audit.
 * Each question is new, so each is a charged release; the bare query of the same audience runs in between.
 *
 * @param questions all different; the first few only warm up.
 */
export async function httpOverhead(
  dataDir: string,
  bare: BareDuckDb,
  questions: readonly BenchAudience[],
): Promise<Figure[]> {
  return await withService(dataDir, async (service) => {
    const agent = keepAlive(1);
    const http: number[] = [];
    const query: number[] = [];
    try {
      for (const [index, question] of questions.entries()) {
        const overHttp = await wallMs(() => estimate(agent, service, question, index));
        const alone = await wallMs(() => bare.count(question.statement));
        if (index < WARM_UPS) continue;
        http.push(overHttp);
        query.push(alone);
      }
    } finally {
      agent.destroy();
    }
    return [
      {
        name: 'httpOverheadMs',
        value: median(http) - median(query),
        hold: { atMost: 15 },
        note: `median of ${http.length} charged estimates over HTTP minus median of the same queries alone; slots off`,
      },
      { name: 'httpMedianMs', value: median(http) },
      { name: 'httpP95Ms', value: quantile(http, 0.95) },
      { name: 'queryMedianMs', value: median(query) },
    ];
  });
}

async function estimate(
  agent: Agent,
  { url, headers }: RunningService,
  { definition }: BenchAudience,
  index: number,
): Promise<void> {
  const answer = await expectJson(
    agent,
    {
      method: 'POST',
      url: `${url}/v1/audiences/estimate`,
      headers: { ...headers, 'Idempotency-Key': `bench-${index}` },
      body: { definition },
    },
    200,
  );
  if (answer['replayed'] !== false) throw new Error('the question was answered before, must be new');
}
