import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const LINES_MAX = 400;

interface Source {
  readonly path: string;
  readonly text: string;
}

const below = (folder: string): Source[] =>
  readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1))
    .toSorted()
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));

const isTest = ({ path }: Source): boolean => path.endsWith('.spec.ts');
const src = below('src');
const libs = below('libs');
const everything = [...src, ...libs, ...below('test')];
const product = [...src, ...libs].filter((source) => !isTest(source));

/** Source without comments, which may talk about what the code must not do. Keeps the lines. */
const codeOf = ({ text }: Source): string =>
  text
    .replaceAll(/\/\*[\s\S]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, ''))
    .replaceAll(/(?<![:'"`])\/\/.*$/gm, '');

/** `path:line` of every match. */
const places = (sources: readonly Source[], pattern: RegExp, read = codeOf): string[] =>
  sources.flatMap((source) =>
    read(source)
      .split('\n')
      .flatMap((line, i) => (pattern.test(line) ? [`${source.path}:${i + 1} ${line.trim()}`] : [])),
  );

it('finds the sources', () => {
  expect(product.length).toBeGreaterThan(150);
  expect(product.map(({ path }) => path)).toContain('src/releases/releases.service.ts');
});

it('leaves nothing for later in the product', () => {
  expect(places(product, /\b(TODO|FIXME|XXX|HACK)\b/, ({ text }) => text)).toEqual([]);
});

it(`keeps every file within ${LINES_MAX} lines`, () => {
  expect(everything.filter(({ text }) => text.split('\n').length - 1 > LINES_MAX).map(({ path }) => path)).toEqual([]);
});

it('takes time and chance in libs from what is passed in', () => {
  const doors = ['libs/core/clock.ts', 'libs/privacy/random.ts'];
  const pure = libs.filter((source) => !isTest(source) && !doors.includes(source.path));
  expect(places(pure, /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bperformance\.now\b/)).toEqual([]);
});

it('takes chance from a generator that fits, in tests too', () => {
  expect(places(everything, /\bMath\.random\b/)).toEqual([]);
});

it('keeps floating-point numbers out of the noise, but for the filter that decides nothing by itself', () => {
  const exact = ['random', 'uniform', 'rational', 'exp-bounds', 'reference', 'discrete-laplace', 'discrete-gaussian'];
  const noise = libs.filter(({ path }) => exact.some((name) => path === `libs/privacy/${name}.ts`));
  expect(noise).toHaveLength(exact.length);
  expect(places(noise, /\bMath\.(?!abs\b)\w+|\b(exp|log|sqrt|pow|random)\b[^;]*= Math/)).toEqual([]);
});

it('takes time in the service from the clock', () => {
  // What the file system dates is compared with the machine's time, before there is a clock.
  const clocked = src.filter(
    (source) => !isTest(source) && source.path !== 'src/database/embedded-postgres/cluster.ts',
  );
  expect(places(clocked, /\bDate\.now\b|\bnew Date\(\)/)).toEqual([]);
});

it('writes to the console from the entries alone', () => {
  const quiet = product.filter(({ path }) => !/^src\/[^/]+\.ts$/.test(path));
  expect(places(quiet, /\bconsole\.\w/)).toEqual([]);
});

it('reads the environment in one place', () => {
  const doors = /^src\/(config\/|[^/]+\.ts$)/;
  const found = places(
    product.filter(({ path }) => !doors.test(path)),
    /\bprocess\.env\b/,
  );
  // libuv takes the size of its pool from there, and a child process inherits what it needs to run at all.
  const inherited = /^libs\/warehouse\/.*UV_THREADPOOL_SIZE|^src\/database\/embedded-postgres\/settings\.ts/;
  expect(found.filter((place) => !inherited.test(place))).toEqual([]);
});

it('gives every lib a door, and no other folder', () => {
  const folders = readdirSync(join(ROOT, 'libs'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const doors = folders.map(({ name }) => `libs/${name}/index.ts`);
  const indexes = everything.map(({ path }) => path).filter((path) => path.endsWith('/index.ts'));
  expect(indexes.toSorted()).toEqual([...doors, 'src/database/migrations/index.ts'].toSorted());
});

it('re-exports from nowhere but the door of a lib as a file of its own', () => {
  const inside = product.filter(({ path }) => !/^libs\/[^/]+\/index\.ts$/.test(path));
  const barrels = inside.filter((source) =>
    codeOf(source)
      .split(/;\s*/)
      .filter((statement) => statement.trim() !== '')
      .every((statement) => /^export\s+(type\s+)?(\*|\{[^}]*\})(\s+as \w+)?\s+from\b/.test(statement.trim())),
  );
  expect(barrels.map(({ path }) => path)).toEqual([]);
});
