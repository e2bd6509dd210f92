import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const ROOT = join(import.meta.dirname, '../..');

/** Functions that take the text of a statement, and which of their arguments it is. */
const TEXT_ARGUMENT: Readonly<Record<string, number>> = { query: 0, changed: 1 };

/** Statements whose text is put together, each from parts that are written in the code. */
const PUT_TOGETHER = [
  // The one statement that has no parameters: an identifier, escaped.
  'src/database/embedded-postgres/readiness.ts: `create database ${escapeIdentifier(DATABASE_NAME)}`',
  // Passes on the text of its own callers, which are looked at here too.
  'src/database/changed.ts: sql',
];

interface Statements {
  /** How many calls take a statement. */
  readonly calls: number;
  /** `path: text` of each statement that is no constant text. */
  readonly puzzling: readonly string[];
}

function statements(path: string, text: string): Statements {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const constants = constantTexts(file);
  const puzzling: string[] = [];
  let calls = 0;
  const visit = (node: ts.Node): void => {
    ts.forEachChild(node, visit);
    if (!ts.isCallExpression(node)) return;
    const argument = node.arguments[TEXT_ARGUMENT[calledName(node)] ?? Infinity];
    if (argument === undefined) return;
    calls += 1;
    if (ts.isStringLiteralLike(argument)) return;
    if (ts.isIdentifier(argument) && constants.has(argument.text)) return;
    puzzling.push(`${path}: ${argument.getText(file)}`);
  };
  visit(file);
  return { calls, puzzling };
}

function calledName({ expression }: ts.CallExpression): string {
  if (ts.isPropertyAccessExpression(expression)) return expression.name.text;
  return ts.isIdentifier(expression) ? expression.text : '';
}

/** Names of constants at the top of a file that are plain texts. */
function constantTexts(file: ts.SourceFile): ReadonlySet<string> {
  const declarations = file.statements
    .filter(ts.isVariableStatement)
    .filter(({ declarationList }) => (declarationList.flags & ts.NodeFlags.Const) !== 0)
    .flatMap(({ declarationList }) => [...declarationList.declarations]);
  const texts = declarations.filter(
    ({ initializer }) => initializer !== undefined && ts.isStringLiteralLike(initializer),
  );
  return new Set(texts.map(({ name }) => name.getText(file)));
}

const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.spec.ts'))
  .map((path) => ({ path: `src/${path}`, text: readFileSync(join(ROOT, 'src', path), 'utf8') }));

it('sends PostgreSQL no value but as a parameter', () => {
  const found = sources.map(({ path, text }) => statements(path, text));
  expect(found.flatMap(({ puzzling }) => puzzling).toSorted()).toEqual(PUT_TOGETHER.toSorted());
  expect(found.reduce((sum, { calls }) => sum + calls, 0)).toBeGreaterThan(40);
});

it.each([
  [
    'a value in a template',
    'await manager.query(`SELECT 1 FROM brand WHERE id = ${id}`)',
    '`SELECT 1 FROM brand WHERE id = ${id}`',
  ],
  [
    'a value joined on',
    "await this.#source.query<Row[]>('SELECT 1 WHERE id = ' + id, [])",
    "'SELECT 1 WHERE id = ' + id",
  ],
  ['a text from elsewhere', 'await changed(manager, text, [])', 'text'],
])('would notice %s', (_, code, found) => {
  expect(statements('planted.ts', code)).toEqual({ calls: 1, puzzling: [`planted.ts: ${found}`] });
});
