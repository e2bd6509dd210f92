import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { createTestApplication } from '../harness/application.ts';
import type { TestApplication } from '../harness/application.ts';
import { Caller } from './client.ts';
import { escaped, faultsOf, openApi } from './contract.ts';
import type { OpenApi } from './contract.ts';

const HOST = 'haven.brand.example:8443';
/** What every operation may answer: too often, and not now. */
const ALWAYS = ['429', '503'];

let service: TestApplication;

beforeAll(async () => {
  service = await createTestApplication({ name: 'openapi', members: 1_000 });
});

afterAll(() => service.close());

interface Page {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** A request under another host name, as a browser behind a proxy sends it; `fetch` would set its own. */
async function page(path: string): Promise<Page> {
  return await new Promise((resolve, reject) => {
    const sent = request(`${service.url}${path}`, { headers: { Host: HOST } }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

const operations = Object.entries(openApi.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    name: `${method.toUpperCase()} ${path}`,
    method,
    path,
    operation,
  })),
);

/** Every schema that has an example, with the pointer to it. */
function examples(node: unknown, pointer = '#'): { pointer: string; example: unknown }[] {
  if (typeof node !== 'object' || node === null) return [];
  const here = 'example' in node && isSchema(node) ? [{ pointer, example: node.example }] : [];
  return [
    ...here,
    ...Object.entries(node)
      // An example is data: what looks like a schema within it is none.
      .filter(([key]) => key !== 'example' && key !== 'examples')
      .flatMap(([key, member]) => examples(member, `${pointer}/${escaped(key)}`)),
  ];
}

const isSchema = (node: object): boolean =>
  ['type', '$ref', 'anyOf', 'oneOf', 'allOf', 'enum'].some((key) => key in node);

const names = ({ paths }: OpenApi): string[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => `${method} ${path} ${operationId}`),
  );

describe('the document', () => {
  it('is OpenAPI 3.1 and is served as the operations that are published', async () => {
    expect(openApi.openapi).toMatch(/^3\.1\./);
    const { status, body } = await new Caller(service.url).get<OpenApi>('/openapi.json');
    expect(status).toBe(200);
    expect(names(body)).toEqual(names(openApi));
  });

  it('names each operation once', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each(operations)('says who may call $name and which problems it gives', ({ method, path, operation }) => {
    const statuses = Object.keys(operation.responses);
    expect(operation['x-haven-scope']).toEqual(expect.any(String));
    expect(statuses).toEqual(expect.arrayContaining(ALWAYS));
    expect(statuses.some((status) => status.startsWith('2'))).toBe(true);
    const scope = operation['x-haven-scope'];
    if (scope !== 'public') expect(statuses).toContain('401');
    if (scope !== 'public' && scope !== 'any-credential') expect(statuses).toContain('403');
    if (path.includes('{')) expect(statuses).toContain('404');
    if (method === 'post') expect(statuses).toEqual(expect.arrayContaining(['400', '413', '415']));
    for (const status of statuses.filter((code) => Number(code) >= 400)) {
      expect(Object.keys(operation.responses[status]?.content ?? {})).toEqual(['application/problem+json']);
    }
  });

  it('has examples that are what they stand for', () => {
    const found = examples(openApi);
    expect(found.length).toBeGreaterThan(50);
    const faults = found.flatMap(({ pointer, example }) => {
      const text = faultsOf(pointer, example);
      return text === '' ? [] : [`${pointer}: ${text}`];
    });
    expect(faults).toEqual([]);
  });

  it('uses every schema it defines', () => {
    const text = JSON.stringify(openApi);
    const unused = Object.keys(openApi.components.schemas).filter(
      (name) => !text.includes(`"#/components/schemas/${name}"`),
    );
    expect(unused).toEqual([]);
  });
});

describe('Swagger UI', () => {
  it('works under another host name, with nothing upgraded to https and nothing from elsewhere', async () => {
    const { status, headers, text } = await page('/docs');
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^text\/html/);
    const policy = String(headers['content-security-policy']);
    expect(policy).not.toContain('upgrade-insecure-requests');
    expect(policy).toContain("script-src 'self'");
    expect(headers['strict-transport-security']).toBeUndefined();
    expect(text).not.toMatch(/(src|href)="(https?:)?\/\//);
    expect(text).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>\s*\S/);
  });

  it('serves every asset it names and its document from the same host', async () => {
    const { text } = await page('/docs');
    const assets = [...text.matchAll(/(?:src|href)="([^"]+\.(?:js|css|png))"/g)].map(([, path]) => String(path));
    expect(assets.length).toBeGreaterThanOrEqual(4);
    for (const asset of assets) {
      const { status, text: content } = await page(new URL(asset, 'http://any/docs').pathname);
      expect([asset, status]).toEqual([asset, 200]);
      expect(content.length).toBeGreaterThan(100);
    }
    const init = await page('/docs/swagger-ui-init.js');
    expect(init.text).toContain('"/v1/audiences"');
    expect(init.text).not.toContain(HOST);
  });
});
