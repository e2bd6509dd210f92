import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HighWaterFolder } from './high-water-folder.ts';
import type { HighWaterMark, SettledTotals } from './high-water-mark.ts';

const KEY = Buffer.alloc(32, 7);
const HOUR_MS = 3_600_000;

let home: string;
let folder: HighWaterFolder;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'haven-marks-'));
  folder = new HighWaterFolder(join(home, 'volume', 'marks'), KEY);
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

const charges = (count: number): ReadonlyMap<string, SettledTotals> =>
  new Map([['global:FR', { charges: BigInt(count), nanoRho: 0n, quectoTheta: 0n }]]);

const content = (count: number): HighWaterMark => ({
  ledgerId: 'led_1',
  totals: charges(count),
  writtenAt: 0,
  exchanged: false,
});

const add = (count: number): Promise<string> => folder.add(content(count));

/** The charges that each readable mark says. */
const said = async (): Promise<number[]> =>
  (await folder.read())
    .map((file) => ('mark' in file ? Number(file.mark.totals.get('global:FR')?.charges) : -1))
    .toSorted((a, b) => a - b);

describe('the folder of the marks', () => {
  it('is nothing before the first, then its owner’s alone, with nothing in it but marks', async () => {
    expect(await folder.read()).toEqual([]);
    expect(existsSync(folder.path)).toBe(false);
    const name = await add(1);
    expect(statSync(folder.path).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder.path, name)).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder.path)).toEqual([name]);
  });

  it('keeps every mark until it is removed', async () => {
    const first = await add(1);
    await add(3);
    const last = await add(2);
    expect(await said()).toEqual([1, 2, 3]);
    await folder.remove([first, last, 'never-there.mark']);
    expect(await said()).toEqual([3]);
  });

  it('leaves alone what is not a mark', async () => {
    const name = await add(1);
    mkdirSync(join(folder.path, 'lost+found'));
    writeFileSync(join(folder.path, 'README'), 'the marks of Haven');
    expect(await said()).toEqual([1]);
    expect(readdirSync(folder.path).toSorted()).toEqual([name, 'README', 'lost+found'].toSorted());
  });

  it('replaces marks by one that says less, and keeps them aside', async () => {
    const first = await add(7);
    writeFileSync(join(folder.path, 'broken.mark'), '{');
    await folder.replace([first, 'broken.mark', 'never-there.mark'], content(3));
    await add(4);
    expect(await said()).toEqual([3, 4]);
    const aside = readdirSync(folder.path).filter((name) => name.endsWith('.set-aside'));
    expect(aside.toSorted()).toEqual([`${first}.set-aside`, 'broken.mark.set-aside'].toSorted());
  });

  it('counts a replaced mark no more when the process died before it set it aside, also once its successor is gone', async () => {
    const first = await add(7);
    const successor = await folder.add(content(3), [first]);
    expect(await said()).toEqual([3]);
    await folder.remove([successor]);
    expect(await said()).toEqual([]);
  });

  it('says what is wrong with a mark that was altered, cut short, of another key or a folder', async () => {
    const altered = join(folder.path, await add(1));
    writeFileSync(altered, readFileSync(altered, 'utf8').replace('"charges":"1"', '"charges":"0"'));
    writeFileSync(join(folder.path, 'empty.mark'), '');
    mkdirSync(join(folder.path, 'folder.mark'));
    await new HighWaterFolder(folder.path, Buffer.alloc(32, 8)).add(content(1));
    const faults = (await folder.read()).map((file) => ('fault' in file ? file.fault : 'none'));
    expect(faults.toSorted()).toEqual([
      'it cannot be read (EISDIR)',
      'it is not JSON',
      'its signature does not fit: it was altered, or signed under another service secret',
      'its signature does not fit: it was altered, or signed under another service secret',
    ]);
  });

  it('is not read past a mark that is named and never there', async () => {
    await add(1);
    symlinkSync('nowhere', join(folder.path, 'gone.mark'));
    await expect(folder.read()).rejects.toThrow('changes faster than it can be read');
  });

  it('adds nothing, and leaves nothing behind, where it cannot be made', async () => {
    writeFileSync(join(home, 'volume'), 'a file in the place of the folder');
    await expect(add(1)).rejects.toThrow(/EEXIST|ENOTDIR/);
    await expect(folder.read()).rejects.toThrow('ENOTDIR');
    expect(readdirSync(home)).toEqual(['volume']);
  });

  it('loses what an unfinished write left once it is an hour old', async () => {
    const name = await add(1);
    const [old, young] = ['old.mark.unfinished', 'young.mark.unfinished'];
    for (const leftover of [old, young]) writeFileSync(join(folder.path, leftover), '{');
    const { mtimeMs } = statSync(join(folder.path, name));
    utimesSync(join(folder.path, old), 0, (mtimeMs - HOUR_MS - 1_000) / 1_000);
    await folder.removeLeftovers(name);
    expect(readdirSync(folder.path).toSorted()).toEqual([name, young].toSorted());
    expect(await said()).toEqual([1]);
  });

  it('always shows a reader the newest mark that was whole when he began, while it is replaced again and again', async () => {
    const last = 150;
    const state = { written: 0 };
    const writer = async (): Promise<void> => {
      let own = await add(1);
      for (let count = 2; count <= last; count++) {
        const next = await add(count);
        state.written = count;
        await folder.remove([own]);
        own = next;
      }
    };
    const shortfalls: string[] = [];
    let looks = 0;
    const reader = async (): Promise<void> => {
      while (state.written < last) {
        const before = state.written;
        const newest = Math.max(0, ...(await said()));
        if (newest < before) shortfalls.push(`${newest} was read after ${before} was written`);
        looks++;
      }
    };
    await Promise.all([writer(), reader(), reader()]);
    expect(shortfalls).toEqual([]);
    expect(looks).toBeGreaterThan(20);
    expect(await said()).toEqual([last]);
  });
});
