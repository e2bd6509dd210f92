import { existsSync } from 'node:fs';
import type { DuckDBConnection } from '@duckdb/node-api';
import { execute, readRows } from './duckdb-codec.ts';
import { DuckDbFile } from './duckdb-file.ts';
import { buildSmallWarehouse, temporaryFolder } from './testing.ts';

const folder = temporaryFolder();
const path = folder.path("it's a file.duckdb");
const outside = folder.path('outside');
let file: DuckDbFile;
let connection: DuckDBConnection;

beforeAll(async () => {
  await buildSmallWarehouse(path);
  file = await DuckDbFile.open(path, { threads: 2 }, true);
  connection = await file.connect();
});

afterAll(() => {
  file.close();
  folder.dispose();
});

describe('a locked file', () => {
  it.each([
    ['reading a file', "SELECT * FROM read_csv('/etc/passwd')"],
    ['reading text', "SELECT * FROM read_text('/etc/passwd')"],
    ['listing files', "SELECT * FROM glob('/etc/*')"],
    ['attaching', `ATTACH '${outside}'`],
    ['copying out', `COPY member TO '${outside}'`],
    ['exporting', `EXPORT DATABASE '${outside}'`],
    ['installing an extension', 'INSTALL sqlite'],
    ['loading an extension', 'LOAD sqlite'],
    ['unlocking', 'SET lock_configuration = false'],
    ['opening up', 'SET enable_external_access = true'],
    ['taking more memory', "SET memory_limit = '1TB'"],
  ])('refuses %s', async (_, sql) => {
    await expect(execute(connection, sql)).rejects.toThrow(/Permission Error|configuration/);
    expect(existsSync(outside)).toBe(false);
  });

  it('refuses several statements in one', async () => {
    await expect(execute(connection, 'SELECT 1; SELECT 2')).rejects.toThrow(/multiple statements/);
  });

  it('knows nothing of the environment', async () => {
    await expect(readRows(connection, "SELECT getenv('HOME')")).rejects.toThrow(/does not exist/);
  });
});
