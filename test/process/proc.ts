import { readFile, readdir, readlink } from 'node:fs/promises';

/** Inodes of the TCP sockets, listening or not, that a process holds. */
export async function tcpSocketsOf(pid: number): Promise<string[]> {
  const everyone = new Set((await Promise.all(['tcp', 'tcp6'].map(socketTable))).flat());
  return (await socketsOf(pid)).filter((inode) => everyone.has(inode));
}

/** Inodes of all sockets a process holds. */
export async function socketsOf(pid: number): Promise<string[]> {
  const names = await readdir(`/proc/${pid}/fd`);
  const targets = await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')));
  return targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []);
}

/** Command line and environment of a process, as one text. */
export async function textOf(pid: number): Promise<string> {
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8')) + (await readFile(`/proc/${pid}/environ`, 'utf8'));
}

/** Ids of the processes whose working folder lies in a folder; none where there is no `/proc` to ask. */
export async function processesIn(folder: string): Promise<string[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const places = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')));
  return pids.filter((_, index) => places[index]?.startsWith(folder));
}

async function socketTable(name: string): Promise<string[]> {
  const table = await readFile(`/proc/net/${name}`, 'utf8').catch(() => '');
  const lines = table.split('\n').slice(1);
  return lines.flatMap((line) => line.trim().split(/\s+/)[9] ?? []);
}
