import { startEmbeddedPostgres } from '../../src/database/embedded-postgres/embedded-postgres.ts';

/**
 * A process that owns an embedded server: `node --conditions=source postgres-owner.ts <dataDir> [fast]`.
 *
 * One line of JSON on stdout, `{connection, pid}` or `{error}`. The end of stdin stops the server and the process.
 */
const [dataDir = '', mode] = process.argv.slice(2);

try {
  const server = await startEmbeddedPostgres({ dataDir, fast: mode === 'fast' });
  process.stdin.resume().once('end', () => void server.stop().then(() => process.exit(0)));
  process.stdout.write(`${JSON.stringify({ connection: server.connection, pid: server.pid })}\n`);
} catch (error) {
  process.stdout.write(`${JSON.stringify({ error: (error as Error).message })}\n`);
  process.exitCode = 1;
}
