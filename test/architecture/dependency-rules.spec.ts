import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const CRUISER = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');

interface Cruise {
  readonly summary: {
    readonly totalCruised: number;
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
    readonly ruleSetUsed: { readonly forbidden: readonly { readonly name: string }[] };
  };
}

/** A forbidden edge: the rule that must report it, and nothing else may. */
interface Plant {
  readonly rule: string;
  readonly file: string;
  readonly imports: string;
}

const plant = (rule: string, file: string, imports: string): Plant => ({ rule, file, imports });

const PLANTS: readonly Plant[] = [
  // A circle is reported once, at the member that is read first.
  plant('no-circular', 'src/common/egg.ts', './hen.ts'),
  plant('resolvable', 'src/common/lost.ts', './nowhere.ts'),
  plant('lib-core-uses-only-nothing', 'libs/core/upwards.ts', '../privacy/index.ts'),
  plant('lib-privacy-uses-only-core', 'libs/privacy/sideways.ts', '#audience'),
  plant('lib-audience-uses-only-core', 'libs/audience/sideways.ts', '#warehouse'),
  plant('lib-attribution-uses-only-core', 'libs/attribution/sideways.ts', '#privacy'),
  plant('lib-warehouse-uses-only-core', 'libs/warehouse/sideways.ts', '#demo'),
  plant('lib-demo-uses-only-core-warehouse', 'libs/demo/sideways.ts', '#privacy'),
  plant('lib-must-be-listed', 'libs/newcomer/unlisted.ts', '#core'),
  plant('libs-are-framework-free', 'libs/audience/injectable.ts', '@nestjs/common'),
  plant('libs-do-not-import-src', 'libs/core/upside-down.ts', '../../src/config/settings.ts'),
  plant('libs-only-through-index', 'src/audiences/inside.ts', '../../libs/audience/parser.ts'),
  plant('lib-to-lib-only-through-index', 'libs/demo/inside.ts', '../warehouse/rows.ts'),
  plant('only-privacy-opens-raw', 'libs/audience/exact.ts', '../core/raw.ts'),
  plant('seeded-randomness-only-in-tests', 'libs/privacy/repeatable.ts', './testing.ts'),
  plant('only-releases-adds-noise', 'src/audiences/own-noise.ts', '#privacy'),
  plant('capability-only-through-its-door', 'src/audiences/window.ts', '../releases/ledger.ts'),
  plant('typeorm-only-in-entities-services-database', 'src/brands/query.controller.ts', 'typeorm'),
  plant('duckdb-and-bigquery-only-in-warehouse', 'src/catalog/rows.ts', '@duckdb/node-api'),
  plant('product-does-not-import-tests', 'src/audit/tested.ts', '../../test/fixture.ts'),
];

/** Edges the architecture allows, one beside each ban that is easily drawn too wide. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'src/common/hen.ts': ['./egg.ts'],
  'src/config/settings.ts': ['#core'],
  'src/releases/noise.service.ts': ['#privacy', '#core', 'typeorm', '../audit/log.service.ts'],
  'src/releases/ledger.ts': [],
  'src/audit/log.service.ts': ['typeorm'],
  'src/brands/brand.entity.ts': ['typeorm'],
  'src/boot/start.ts': ['../releases/ledger.ts', 'typeorm'],
  'libs/core/index.ts': [],
  'libs/core/raw.ts': [],
  'libs/privacy/index.ts': ['../core/raw.ts', '#core'],
  'libs/privacy/testing.ts': [],
  'libs/privacy/noise.spec.ts': ['./testing.ts'],
  'libs/audience/index.ts': ['#core'],
  'libs/audience/parser.ts': ['#core'],
  'libs/warehouse/index.ts': ['@duckdb/node-api', '#core'],
  'libs/warehouse/rows.ts': [],
  'libs/demo/index.ts': ['#warehouse', '#core'],
  'test/fixture.ts': ['../libs/privacy/testing.ts', '../src/releases/ledger.ts', 'typeorm'],
};

let folder: string;
let planted: Cruise;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'haven-planted-'));
  for (const file of ['.dependency-cruiser.js', 'package.json', 'tsconfig.json']) {
    copyFileSync(join(ROOT, file), join(folder, file));
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  for (const [file, imports] of Object.entries(ALLOWED)) write(file, imports);
  for (const { file, imports } of PLANTS) write(file, [imports]);
  planted = await cruise(folder);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(file: string, imports: readonly string[]): void {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  const lines = imports.map((specifier, i) => `import * as part${i} from '${specifier}';\nvoid part${i};\n`);
  writeFileSync(path, `${lines.join('')}export const here = true;\n`);
}

/** The real rules over a tree. The exit code counts violations; the report on standard output is what matters. */
function cruise(cwd: string): Promise<Cruise> {
  const args = [CRUISER, 'src', 'libs', 'test', '--config', '.dependency-cruiser.js', '--output-type', 'json'];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd, maxBuffer: 256 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (stdout.startsWith('{')) resolve(JSON.parse(stdout) as Cruise);
      else reject(new Error(stderr, { cause: error }));
    });
  });
}

it('reports each planted violation under its own rule, and no allowed edge', () => {
  const found = planted.summary.violations.map(({ from, rule }) => `${rule.name}: ${from}`);
  const expected = PLANTS.map(({ rule, file }) => `${rule}: ${file}`);
  expect(found.toSorted()).toEqual(expected.toSorted());
});

it('plants a violation of every rule there is', () => {
  const rules = planted.summary.ruleSetUsed.forbidden.map(({ name }) => name);
  expect(PLANTS.map(({ rule }) => rule).toSorted()).toEqual(rules.toSorted());
});

it('finds no violation in the project itself', async () => {
  const { summary } = await cruise(ROOT);
  expect(summary.violations.map(({ from, rule }) => `${rule.name}: ${from}`)).toEqual([]);
  expect(summary.totalCruised).toBeGreaterThan(100);
});
