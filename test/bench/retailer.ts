import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildDemoRetailer } from '#demo';
import { loadServiceKeys } from '../../src/config/service-keys.ts';
import type { ServiceKeys } from '../../src/config/service-keys.ts';
import { Secret } from '../../src/config/secret.ts';

const SECRET = Buffer.alloc(32, 'a secret of invented members. ');

/** The secret whose pepper the bench's retailers are made with, as the service is given it. */
export const SERVICE_SECRET = SECRET.toString('base64');

export const benchKeys = (): ServiceKeys => loadServiceKeys({ dataDir: '', serviceSecret: new Secret(SECRET) });

const RETAILER = { seed: 20_260_101, dataThrough: '2026-10-31' } as const;
const LIBS = join(import.meta.dirname, '../../libs');

/** Of the warehouse, what writes a file. */
const LAYOUT_SOURCES = ['ddl.ts', 'duckdb-codec.ts', 'duckdb-file.ts', 'identifier-key.ts', 'loader.ts', 'schema.ts'];

/**
 * A demo retailer's warehouse file, not to be written to. It is kept in the system's temporary folder for as long as
 * the code that makes it stays the same.
 */
export async function demoRetailer(members: number, progress: (text: string) => void): Promise<string> {
  const prefix = `haven-bench-${members}-`;
  const name = `${prefix}${codeDigest()}`;
  const path = join(tmpdir(), name, 'warehouse.duckdb');
  if (existsSync(path)) return path;
  for (const stale of readdirSync(tmpdir()).filter((entry) => entry.startsWith(prefix) && entry !== name)) {
    rmSync(join(tmpdir(), stale), { recursive: true, force: true });
  }
  mkdirSync(join(tmpdir(), name), { recursive: true });
  const { pepper, pepperVersion } = benchKeys();
  let shown = 0;
  await buildDemoRetailer({
    ...RETAILER,
    path,
    members,
    pepper: pepper.reveal(),
    pepperVersion,
    onProgress: ({ fraction }) => {
      if (fraction < shown) return;
      progress(`making a retailer of ${members.toLocaleString('en')} members: ${Math.round(100 * fraction)} %`);
      shown = fraction + 0.25;
    },
  });
  return path;
}

/** Digest of the sources that decide what the file holds and how it is laid out. */
function codeDigest(): string {
  const hash = createHash('sha256').update(JSON.stringify(RETAILER));
  const demo = readdirSync(join(LIBS, 'demo')).filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'));
  const sources = [...demo.map((file) => join('demo', file)), ...LAYOUT_SOURCES.map((file) => join('warehouse', file))];
  for (const source of sources.toSorted()) hash.update(readFileSync(join(LIBS, source)));
  return hash.digest('hex').slice(0, 12);
}
