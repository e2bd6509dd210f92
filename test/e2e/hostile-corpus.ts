import fc from 'fast-check';

const NUMBERS_AND_WORDS = 'null true 0 -1 1e308 1e309 -0 9007199254740993 0.1 NaN undefined 01';
const CONTAINERS =
  '[] {} [[]] [null] {"a":1} {"length":1} [1,"a",{}] {"__proto__":{"polluted":1}} {"toString":1} {"then":1} ' +
  '{"constructor":{"prototype":{"polluted":1}}}';
const TEXTS = String.raw`"" "\u0000" "\ud800" "\udfff\ud800" "\u202Ealtered" "\uFE0F" "$1" "{{7*7}}" "%00" "../../etc"`;
const DATES = '"2026-13-45" "9999-12-31T23:59:60Z" "-271821-04-20T00:00:00Z" "+275760-09-13T00:00:00.001Z"';
const IDS = '"brd_00000000000000000000000000" "aud_zzzzzzzzzzzzzzzzzzzzzzzzzz" "key_" "FR" "fr" "1"';
const STATEMENTS = [`"' OR 1=1 --"`, `"'; DROP TABLE brand; --"`, '" "', '"${7*7}"', "'x'"];

/** What stands in JSON where each kind of value is expected, once each. */
export const MISTYPED_JSON: readonly string[] = 'null true 0 -1.5 "" [] {} [null] [[]]'.split(' ');

const words = (...texts: readonly string[]): fc.Arbitrary<string> =>
  fc.constantFrom(...texts.flatMap((text) => text.split(' ')));

/** JSON texts put in the place of a value. Some are no JSON at all. */
export const HOSTILE_JSON: fc.Arbitrary<string> = fc.oneof(
  words(NUMBERS_AND_WORDS, CONTAINERS, TEXTS, DATES, IDS),
  fc.constantFrom(...STATEMENTS),
  fc.integer({ min: 1, max: 400 }).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
  fc.integer({ min: 1, max: 400 }).map((depth) => `${'{"all":['.repeat(depth)}1${']}'.repeat(depth)}`),
  fc.constantFrom(100, 201, 5_000, 70_000).map((length) => JSON.stringify('x'.repeat(length))),
  fc.constantFrom('\u{1F600}', '\uFE0F', '\u0301', 'ß').map((mark) => JSON.stringify(mark.repeat(200))),
  fc.constantFrom(51, 201, 5_000).map((length) => JSON.stringify(Array.from({ length }, (_, i) => i))),
  fc.json({ maxDepth: 4 }),
  fc.string({ unit: 'binary', maxLength: 30 }).map((text) => JSON.stringify(text)),
);

/** One segment of a path, as it goes over the wire. */
export const HOSTILE_SEGMENT: fc.Arbitrary<string> = fc.oneof(
  words(
    '%27 %22 %27%20OR%201=1-- %00 %ff %ed%a0%80 %2e%2e%2f .. . % %zz %25 %2F %F0%9F%98%80 %0d%0aX-Injected:1',
    'null undefined 0 -1 1.5 1e9 99999999999999999999 2147483648 NaN __proto__ constructor * ( [ ;drop :id {id}',
    'brand: brand:%27 global:FR aud_ aud_00000000000000000000000000 rel_zzzzzzzzzzzzzzzzzzzzzzzzzz',
  ),
  fc.constantFrom(300, 5_000).map((length) => 'a'.repeat(length)),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).map((text) => encodeURIComponent(text.toWellFormed())),
);

const PARAMETERS = words(
  'limit cursor brandId agencyId country q archived audience dryRun wait',
  '__proto__ constructor limit[] q[a] toString hasOwnProperty unknown',
);

/** A query string with its question mark, or nothing. */
export const HOSTILE_QUERY: fc.Arbitrary<string> = fc
  .array(fc.tuple(PARAMETERS, fc.oneof(HOSTILE_SEGMENT, words('1 0 200 201 true TRUE FR 26 %20'), fc.constant(''))), {
    maxLength: 4,
  })
  .map((pairs) => (pairs.length === 0 ? '' : `?${form(pairs)}`));

const FIELDS = words('grant_type client_id client_secret scope __proto__ constructor more');

/** Body of an operation that takes a form. */
export const HOSTILE_FORM: fc.Arbitrary<string> = fc
  .array(fc.tuple(FIELDS, fc.oneof(HOSTILE_SEGMENT, words('client_credentials catalog:read %20 crk_test_x'))), {
    minLength: 1,
    maxLength: 6,
  })
  .map(form);

function form(fields: readonly (readonly [string, string])[]): string {
  return fields.map(([name, value]) => `${name}=${value}`).join('&');
}

/** Headers in the place of right ones. */
export const HOSTILE_HEADERS: fc.Arbitrary<Partial<Record<string, string>>> = fc.record(
  {
    'idempotency-key': fc.constantFrom('', ' ', 'a', 'x'.repeat(129), 'k y', '"', "'", '\u00e9'),
    'if-match': fc.constantFrom('', '*', '"1-0"', 'W/"1-0"', '""', '"1-99999999999999999999"', "'"),
    'content-type': fc.constantFrom('application/json', 'application/json; charset=utf-16', 'text/plain', 'a', '{}'),
    accept: fc.constantFrom('*/*', 'text/html', 'application/json', ';', 'application/*;q=0'),
    'x-forwarded-for': fc.constantFrom('1.2.3.4', "' OR 1=1", '::', ','),
    traceparent: fc.constantFrom('00-0-0-00', 'x', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-00`),
  },
  { requiredKeys: [] },
);

type Path = readonly string[];

/** Places of every value inside a value, itself included. */
export function* placesIn(value: unknown, path: Path = []): Generator<Path> {
  yield path;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) yield* placesIn(member, [...path, key]);
}

/** JSON text of a value with the text at one place replaced. */
export function jsonWith(value: unknown, [step, ...rest]: Path, text: string): string {
  if (step === undefined) return text;
  const members = Object.entries(value as object).map(([key, member]) => {
    const inner = key === step ? jsonWith(member, rest, text) : JSON.stringify(member);
    return Array.isArray(value) ? inner : `${JSON.stringify(key)}:${inner}`;
  });
  return Array.isArray(value) ? `[${members.join(',')}]` : `{${members.join(',')}}`;
}
