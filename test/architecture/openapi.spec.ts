import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';

const ROOT = join(import.meta.dirname, '../..');
const COMMITTED = join(ROOT, 'openapi/openapi.json');
const BUILD_MS = 180_000;
const DOCUMENT_URI = 'https://haven.invalid/openapi.json';

type Node = Readonly<Record<string, unknown>>;

interface Place {
  /** JSON Pointer. */
  readonly pointer: string;
  readonly node: Node;
}

const run = promisify(execFile);

let folder: string;
let generated: string;
let places: readonly Place[];

/** The compiled service writes the document: the descriptions come from a plugin of the compiler. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'haven-openapi-'));
  const file = join(folder, 'openapi.json');
  await run(process.execPath, ['tools/haven.mjs', 'build'], { cwd: ROOT });
  await run(process.execPath, ['dist/src/openapi.js', file], { cwd: ROOT });
  generated = readFileSync(file, 'utf8');
  places = [...walk(JSON.parse(generated), '')];
}, BUILD_MS);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Every object of the document with its place. Examples are values, not parts of the document. */
function* walk(value: unknown, pointer: string): Generator<Place> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield { pointer, node: value as Node };
  for (const [key, member] of Object.entries(value)) {
    if (key === 'example' || key === 'default') continue;
    yield* walk(member, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
  }
}

/** Paths, schemas and the rest with their text, to name what differs. */
function parts(document: Node): [name: string, text: string][] {
  const { paths, components, ...rest } = document as { paths: Node; components: { schemas: Node } };
  return [paths, components.schemas, rest].flatMap((members) =>
    Object.entries(members).map(([name, value]): [string, string] => [name, JSON.stringify(value)]),
  );
}

const isSchema = ({ node }: Place): boolean =>
  ['type', '$ref', 'enum', 'allOf', 'oneOf'].some((key) => Object.hasOwn(node, key)) && !Object.hasOwn(node, 'in');

it('is what the code says', () => {
  const committed = readFileSync(COMMITTED, 'utf8');
  const [then, now] = [committed, generated].map((text) => new Map(parts(JSON.parse(text) as Node)));
  const drifted = [...new Set([...then!.keys(), ...now!.keys()])].filter((name) => then!.get(name) !== now!.get(name));
  expect(drifted).toEqual([]);
  expect(committed === generated).toBe(true);
});

it('is OpenAPI 3.1, in the JSON Schema of 3.1', () => {
  expect(places[0]?.node['openapi']).toBe('3.1.0');
  const old = places.filter(
    ({ node }) => 'nullable' in node || typeof node['exclusiveMinimum'] === 'boolean' || node['type'] === 'file',
  );
  expect(old.map(({ pointer }) => pointer)).toEqual([]);
});

it('has a target for every reference', () => {
  const pointers = new Set(places.map(({ pointer }) => `#${pointer}`));
  const references = places.flatMap(({ node }) => (typeof node['$ref'] === 'string' ? [node['$ref']] : []));
  expect(references.length).toBeGreaterThan(100);
  expect(references.filter((reference) => !pointers.has(reference))).toEqual([]);
});

it('names no exact number about members', () => {
  const names = places.flatMap(({ node }) =>
    typeof node['properties'] === 'object' && node['properties'] !== null ? Object.keys(node['properties']) : [],
  );
  expect(names).toContain('interval95');
  expect(names.filter((name) => /raw|exact|true(count|size|value)|unnoised|withoutnoise|seed/i.test(name))).toEqual([]);
});

it('names no secret but the one shown when a key is made', () => {
  const withSecret = places.filter(({ node }) => {
    const names = Object.keys((node['properties'] as object | undefined) ?? {});
    return names.some((name) => /^(key|secret|secretHash|password|pepper|privateKey)$/i.test(name));
  });
  expect(withSecret.map(({ pointer }) => pointer)).toEqual(['/components/schemas/IssuedApiKeyDto']);
});

it('has examples and defaults that its own schemas accept', () => {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addVocabulary(['example', 'x-haven-scope', 'openapi', 'info', 'tags', 'servers', 'paths', 'components']);
  ajv.addSchema({ ...(JSON.parse(generated) as object), $id: DOCUMENT_URI });
  const shown = places
    .filter(isSchema)
    .flatMap(({ pointer, node }) =>
      ['example', 'default'].flatMap((key) => (key in node ? [{ pointer, key, value: node[key] }] : [])),
    );
  expect(shown.length).toBeGreaterThan(60);
  const wrong = shown.flatMap(({ pointer, key, value }) => {
    const validate = ajv.getSchema(`${DOCUMENT_URI}#${encodeURI(pointer)}`);
    if (validate === undefined) return [`${pointer}: no schema`];
    return validate(value) === true ? [] : [`${pointer} ${key}: ${ajv.errorsText(validate.errors)}`];
  });
  expect(wrong).toEqual([]);
});
