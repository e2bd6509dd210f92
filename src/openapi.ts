import { readFileSync, writeFileSync } from 'node:fs';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { pino } from 'pino';
import { systemClock } from '#core';
import type { Warehouse } from '#warehouse';
import { AppModule } from './app.module.ts';
import { loadConfig } from './config/config.ts';
import { Secret } from './config/secret.ts';
import { buildOpenApi } from './openapi-document.ts';

/**
 * Writes the OpenAPI document to a file, or with `--check` fails when the file differs from what the code says.
 * Nothing is opened: the module graph is only looked at.
 */
async function main(): Promise<void> {
  const check = process.argv.includes('--check');
  const file = process.argv.slice(2).find((argument) => !argument.startsWith('--'));
  if (file === undefined) throw new Error('usage: openapi.js [--check] FILE');
  const zero = new Secret(Buffer.alloc(32));
  const runtime = {
    config: loadConfig({}),
    keys: { pepper: zero, pepperVersion: 1, cursor: zero, issuer: zero, ledgerMark: zero },
    clock: systemClock,
    database: { host: 'none', user: 'none', password: 'none', database: 'none' },
    // Never called: in preview mode no provider is made.
    warehouse: {} as Warehouse,
    logger: pino({ level: 'silent' }),
  };
  const app = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(runtime), {
    preview: true,
    logger: ['error'],
    abortOnError: false,
  });
  const text = `${JSON.stringify(buildOpenApi(app), null, 2)}\n`;
  if (!check) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    console.error(`${file} differs from the code: run npm run openapi and commit it`);
    process.exitCode = 1;
  } else console.log(`${file} is what the code says`);
}

await main();
