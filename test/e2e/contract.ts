import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

interface MediaType {
  readonly schema?: object;
}

export interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, MediaType>> }>>;
  readonly security?: readonly object[];
  readonly 'x-haven-scope'?: string;
}

interface Schema {
  readonly [keyword: string]: unknown;
  readonly properties?: object;
}

export interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** The published document: what clients build on. A test of its own holds it equal to what the code says. */
export const openApi = JSON.parse(
  readFileSync(new URL('../../openapi/openapi.json', import.meta.url), 'utf8'),
) as OpenApi;

/** Answers of the edge, before any operation is chosen. */
const EDGE_STATUSES: readonly number[] = [405, 406, 431];
/** A problem may carry members of its own (RFC 9457 §3.2). */
const OPEN_SCHEMAS: readonly string[] = ['ProblemDto'];
const ROOT = 'haven';

export interface SeenAnswer {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly status: number;
  readonly contentType: string;
  readonly body: unknown;
}

const ajv = createValidator();
const validators = new Map<string, ValidateFunction>();

/**
 * Throws unless the document says that this operation may give this answer: its status, its media type and its body,
 * to the last member.
 */
export function expectContract(answer: SeenAnswer): void {
  const template = Object.keys(openApi.paths).find((path) => matches(path, answer.path));
  const name = `${answer.method} ${template ?? answer.path} ${answer.status}`;
  const operation = template === undefined ? undefined : openApi.paths[template]?.[answer.method.toLowerCase()];
  if (operation === undefined || EDGE_STATUSES.includes(answer.status)) {
    if (answer.status >= 400) expectBody(name, '#/components/schemas/ProblemDto', answer.body);
    return;
  }
  const response = operation.responses[answer.status];
  if (response === undefined) throw new Error(`${name} is not documented: ${JSON.stringify(answer.body)}`);
  const media = Object.keys(response.content ?? {});
  const type = answer.contentType.split(';')[0] ?? '';
  if (media.length === 0 && type === '') return;
  if (!media.includes(type)) throw new Error(`${name} is ${type}, documented is ${media.join(', ') || 'no body'}`);
  const pointer = ['paths', template ?? '', answer.method.toLowerCase(), 'responses', answer.status, 'content', type];
  expectBody(name, `#/${pointer.map(escaped).join('/')}/schema`, answer.body);
}

/** Faults of a value against the schema at a pointer into the document, empty when there are none. */
export function faultsOf(pointer: string, value: unknown): string {
  let validate = validators.get(pointer);
  if (validate === undefined) {
    validate = ajv.compile({ $ref: `${ROOT}${pointer}` });
    validators.set(pointer, validate);
  }
  return validate(value) ? '' : ajv.errorsText(validate.errors);
}

export const escaped = (key: string | number): string =>
  encodeURIComponent(String(key).replaceAll('~', '~0').replaceAll('/', '~1'));

function expectBody(name: string, pointer: string, body: unknown): void {
  const faults = faultsOf(pointer, body);
  if (faults !== '') throw new Error(`${name} breaks its schema: ${faults} in ${JSON.stringify(body)}`);
}

function matches(template: string, path: string): boolean {
  const parts = template.split('/');
  const given = path.split('/');
  // A literal segment wins over a parameter, as `estimate` over an id: templates with literals are listed first.
  return parts.length === given.length && parts.every((part, at) => part.startsWith('{') || part === given[at]);
}

/** Object schemas are closed, so that a member the document does not name is a fault. */
function createValidator(): Ajv2020 {
  const validator = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(validator);
  validator.addSchema({ ...openApi, components: { schemas: closed(openApi.components.schemas) } }, ROOT);
  return validator;
}

function closed(schemas: OpenApi['components']['schemas']): Record<string, Schema> {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => {
      const open = OPEN_SCHEMAS.includes(name) || schema.properties === undefined;
      return [name, open ? schema : { additionalProperties: false, ...schema }];
    }),
  );
}
