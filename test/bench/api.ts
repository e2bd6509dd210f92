import type { Bench, BenchOptions, Figure } from './bench.ts';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { referenceDefinition } from './audiences.ts';
import { expectJson, keepAlive } from './http-client.ts';
import type { HttpCall } from './http-client.ts';
import { load } from './load.ts';
import type { LoadResult } from './load.ts';
import { interleaved, median } from './measure.ts';
import { withFolder, withProgram } from './resources.ts';
import { demoRetailer } from './retailer.ts';
import { withService } from './service.ts';
import type { RunningService } from './service.ts';

/** Reads do not touch the warehouse; the service only has to have one. */
const MEMBERS = 1_000;
const ROUNDS = { rounds: 7, warmUps: 1 };
const SECONDS = 2;
const FEW = 20;
const MANY = 400;
const START_MS = 30_000;

async function run({ progress }: BenchOptions): Promise<Figure[]> {
  const retailer = await demoRetailer(MEMBERS, progress);
  return await withFolder(async (dataDir) => {
    copyFileSync(retailer, join(dataDir, 'warehouse.duckdb'));
    return await withService(dataDir, (service) =>
      withProgram(
        {
          program: 'test/bench/bare-nest-program.ts',
          told: (line) => (line.startsWith('http:') ? line : undefined),
          withinMs: START_MS,
        },
        async (bareUrl) => {
          const read = await savedAudience(service);
          progress(`reads on ${FEW} and ${MANY} connections and bare pings in turn`);
          return await figures(read, { method: 'GET', url: `${bareUrl}/ping`, headers: {} });
        },
      ),
    );
  });
}

/** Saves an audience and gives the call that reads it. */
async function savedAudience({ url, headers }: RunningService): Promise<HttpCall> {
  const agent = keepAlive(1);
  try {
    const body = { name: 'Bench', definition: referenceDefinition() };
    const saved = await expectJson(agent, { method: 'POST', url: `${url}/v1/audiences`, headers, body }, 201);
    return { method: 'GET', url: `${url}/v1/audiences/${String(saved['id'])}`, headers };
  } finally {
    agent.destroy();
  }
}

async function figures(read: HttpCall, ping: HttpCall): Promise<Figure[]> {
  const many: LoadResult[] = [];
  const rates = await interleaved(
    {
      ping: async () => (await load(ping, { connections: FEW, seconds: SECONDS })).perSecond,
      few: async () => (await load(read, { connections: FEW, seconds: SECONDS })).perSecond,
      many: async () => {
        const result = await load(read, { connections: MANY, seconds: SECONDS });
        many.push(result);
        return result.perSecond;
      },
    },
    ROUNDS,
  );
  return [
    {
      name: 'readOverBareNest',
      value: median(rates.few) / median(rates.ping),
      hold: { atLeast: 0.3 },
      note: `rate of authenticated \`GET /v1/audiences/{id}\` over a ping of Nest on Express without middleware, ${FEW} connections`,
    },
    {
      name: 'throughputAt400Over20',
      value: median(rates.many) / median(rates.few),
      hold: { atLeast: 0.8 },
      note: 'rate of the same read',
    },
    { name: 'readsPerSecond', value: median(rates.few) },
    { name: 'pingsPerSecond', value: median(rates.ping) },
    { name: 'p99MsAt400', value: median(many.map(({ p99Ms }) => p99Ms)) },
    { name: 'refusedAt400', value: many.reduce((sum, { refused }) => sum + refused, 0) },
  ];
}

export const api: Bench = {
  name: 'api',
  about: 'Reading over HTTP, beside the least that the framework takes.',
  run,
};
