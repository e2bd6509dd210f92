import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Program } from './processes.ts';

/** Notes that it ran and lays the tools that `node_modules` would hold. */
const NPM = `
const { appendFileSync, cpSync, rmSync } = require('node:fs');
appendFileSync('npm.log', process.argv.slice(2).join(' ') + '\\n');
rmSync('node_modules', { recursive: true, force: true });
cpSync('fake_modules', 'node_modules', { recursive: true });
`;

/** Notes that it ran; a source that says "broken" does not compile. */
const NEST = `
const { appendFileSync, cpSync, readFileSync, rmSync } = require('node:fs');
appendFileSync('nest.log', process.argv.slice(2).join(' ') + '\\n');
rmSync('dist', { recursive: true, force: true });
if (readFileSync('src/main.js', 'utf8').includes('broken')) process.exit(3);
cpSync('src', 'dist/src', { recursive: true });
`;

const JEST = `console.log(JSON.stringify({ args: process.argv.slice(2), flags: process.execArgv }));`;

/** Says its process id; SIGINT is counted, SIGTERM noted and obeyed, the exit code tells the count. */
const SERVICE = `
const { writeFileSync } = require('node:fs');
let interrupts = 0;
const exitCode = Number(process.argv[2] ?? 10);
process.on('SIGINT', () => console.log('SIGINT', ++interrupts));
process.on('SIGTERM', () => {
  writeFileSync('terminated', String(process.pid));
  process.exit(exitCode + interrupts);
});
setInterval(() => undefined, 1000);
console.log(JSON.stringify({ pid: process.pid, options: process.env.NODE_OPTIONS ?? null, args: process.argv.slice(2) }));
`;

/** A checkout in a temporary folder: the real launcher, with stand-ins for npm, the compiler, Jest and the service. */
export class Checkout {
  readonly root = mkdtempSync(join(tmpdir(), 'haven-launch-'));

  constructor() {
    cpSync(join(import.meta.dirname, '../../tools'), join(this.root, 'tools'), { recursive: true });
    this.write('package.json', '{"type": "commonjs"}');
    this.write('package-lock.json', '{"packages": {}}');
    this.write('npm.js', NPM);
    this.write('fake_modules/@nestjs/cli/bin/nest.js', NEST);
    this.write('fake_modules/jest/bin/jest.js', JEST);
    this.write('src/main.js', SERVICE);
  }

  /** Starts the launcher, as npm would where `npm` is set. */
  launch(args: readonly string[], env: NodeJS.ProcessEnv = {}): Program {
    return new Program(process.execPath, ['tools/haven.mjs', ...args], { cwd: this.root, env: this.env(env) });
  }

  /** The environment that npm gives a script, with the stand-in for npm itself. */
  env(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    return { PATH: process.env['PATH'], npm_execpath: join(this.root, 'npm.js'), ...more };
  }

  write(path: string, content: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), content);
  }

  has(path: string): boolean {
    return existsSync(join(this.root, path));
  }

  /** How often a stand-in ran. */
  runs(tool: 'npm' | 'nest'): number {
    return this.has(`${tool}.log`)
      ? readFileSync(join(this.root, `${tool}.log`), 'utf8')
          .trim()
          .split('\n').length
      : 0;
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
