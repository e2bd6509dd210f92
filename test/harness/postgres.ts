import { randomBytes } from 'node:crypto';
import { Client, escapeIdentifier } from 'pg';
import type { DatabaseConnection } from '../../src/database/connection.ts';

const TEMPLATE = 'haven_template';
/** Advisory lock under which one Jest worker makes the template and the others wait. */
const TEMPLATE_LOCK = 7_203_915;

type Migrate = (connection: DatabaseConnection) => Promise<void>;

export interface TestDatabaseOptions {
  /** Database to clone; made once per cluster. */
  readonly template?: string;
  /** Fills the template. Default: the product's migrations. */
  readonly migrate?: Migrate;
}

// Loaded by the one worker that makes the template: the entities and TypeORM take a second to load.
const migrateProduct: Migrate = async (connection) =>
  (await import('../../src/database/migrate.ts')).migrate(connection);

/** The superuser's way into the cluster of this test run. */
export function testCluster(): DatabaseConnection {
  const connection = process.env['TEST_POSTGRES'];
  if (!connection) throw new Error('no test cluster: the Jest project must name test/harness/global-setup.ts');
  return JSON.parse(connection) as DatabaseConnection;
}

/**
 * A new, migrated, empty database of its own for one test file. It goes with the cluster when the run ends.
 *
 * The template is made by whoever asks first, whole or not at all; the rest is a file copy, ~0.1 s.
 *
 * @param name for reading logs; a random part makes it unique.
 */
export async function createTestDatabase(
  name = 'test',
  options: TestDatabaseOptions = {},
): Promise<DatabaseConnection> {
  const { template = TEMPLATE, migrate = migrateProduct } = options;
  const cluster = testCluster();
  const database = `${name.replaceAll(/\W/g, '_').slice(0, 40)}_${randomBytes(4).toString('hex')}`;
  const client = new Client({ ...cluster, database: 'postgres' });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    await ensureTemplate(client, cluster, template, migrate);
    await client.query('select pg_advisory_unlock($1)', [TEMPLATE_LOCK]);
    await client.query(`create database ${escapeIdentifier(database)} template ${escapeIdentifier(template)}`);
  } finally {
    await client.end();
  }
  return { ...cluster, database };
}

async function ensureTemplate(
  client: Client,
  cluster: DatabaseConnection,
  template: string,
  migrate: Migrate,
): Promise<void> {
  const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [template]);
  if (rowCount !== 0) return;
  // Under another name until it is whole: a worker that dies half-way leaves nothing that looks like a template.
  const half = escapeIdentifier(`${template}_half`);
  await client.query(`drop database if exists ${half} with (force)`);
  await client.query(`create database ${half}`);
  await migrate({ ...cluster, database: `${template}_half` });
  await client.query(`alter database ${half} with allow_connections false is_template true`);
  await client.query(`alter database ${half} rename to ${escapeIdentifier(template)}`);
}
