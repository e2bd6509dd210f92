import type {
  CatalogBrandPage,
  CatalogCategoryPage,
  CatalogProductPage,
  CatalogRegionPage,
  CatalogStorePage,
} from '../../src/catalog/catalog.dto.ts';
import { createTestApplication } from '../harness/application.ts';
import type { TestApplication } from '../harness/application.ts';
import { Caller, anonymous, refusal } from './client.ts';
import { TOUR, unknownId } from './questions.ts';

const LISTS = ['categories', 'brands', 'products', 'stores', 'regions', 'tiers'] as const;
const PORTFOLIO_LISTS = ['categories', 'brands', 'products'] as const;
const [own, other] = TOUR.manufacturers;

interface AnyPage {
  readonly data: readonly { readonly code?: string; readonly gtin?: string }[];
  readonly nextCursor: string | null;
}

let service: TestApplication;
let analyst: Caller;
let agency: Caller;

beforeAll(async () => {
  service = await createTestApplication({ name: 'catalog', members: 1_000 });
  analyst = new Caller(service.url, service.keys.analyst);
  agency = new Caller(service.url, service.keys.agency);
});

afterAll(() => service.close());

const codesOf = (page: AnyPage): string[] => page.data.map(({ code, gtin }) => code ?? gtin ?? '');

async function walkList(path: string, limit: number): Promise<string[]> {
  const codes: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const more: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const { status, body } = await analyst.get<AnyPage>(`${path}?limit=${limit}${more}`);
    expect(status).toBe(200);
    expect(body.data.length).toBeLessThanOrEqual(limit);
    codes.push(...codesOf(body));
    cursor = body.nextCursor;
  }
  return codes;
}

describe('GET /v1/catalog/*', () => {
  it.each(LISTS)('gives %s in whole through pages, ordered, each once', async (list) => {
    const codes = await walkList(`/v1/catalog/${list}`, 7);
    expect(codes.length).toBeGreaterThan(0);
    expect(codes).toEqual([...new Set(codes)].toSorted());
    expect(await walkList(`/v1/catalog/${list}`, 200)).toEqual(codes);
  });

  it('shows a brand its own brands and products only, and the categories it is sold in', async () => {
    const brands = await analyst.get<CatalogBrandPage>('/v1/catalog/brands?limit=200');
    expect(brands.body.data.map(({ code }) => code)).toEqual([...own.brandCodes].toSorted());
    const products = await analyst.get<CatalogProductPage>('/v1/catalog/products?limit=200');
    expect([...new Set(products.body.data.map(({ brandCode }) => brandCode))].toSorted()).toEqual(
      [...own.brandCodes].toSorted(),
    );
    const categories = await analyst.get<CatalogCategoryPage>('/v1/catalog/categories?limit=200');
    const known = new Map(categories.body.data.map(({ code, parentCode }) => [code, parentCode]));
    expect(known.has(TOUR.categoryCode)).toBe(true);
    expect(products.body.data.every(({ categoryCode }) => known.has(categoryCode))).toBe(true);
    expect([...known.values()].every((parent) => parent === null || known.has(parent))).toBe(true);
  });

  it('shows an agency the portfolio of the brand it works for', async () => {
    const { body } = await agency.get<CatalogBrandPage>('/v1/catalog/brands?limit=200');
    expect(body.data.map(({ code }) => code)).toEqual([...other.brandCodes].toSorted());
  });

  it('finds by a part of code or name, whatever the case', async () => {
    const [brand] = own.brandCodes;
    const { body } = await analyst.get<CatalogBrandPage>(`/v1/catalog/brands?q=${brand?.slice(1, 5).toUpperCase()}`);
    expect(body.data.map(({ code }) => code)).toContain(brand);
    const none = await analyst.get<CatalogBrandPage>('/v1/catalog/brands?q=no-such-name');
    expect(none.body).toEqual({ data: [], nextCursor: null });
  });

  it('gives the places of one country', async () => {
    const stores = await analyst.get<CatalogStorePage>(`/v1/catalog/stores?limit=200&country=${TOUR.country}`);
    const regions = await analyst.get<CatalogRegionPage>(`/v1/catalog/regions?limit=200&country=${TOUR.country}`);
    expect(new Set(stores.body.data.map(({ country }) => country))).toEqual(new Set([TOUR.country]));
    expect(regions.body.data.map(({ code }) => code)).toEqual(expect.arrayContaining([...TOUR.regionCodes]));
    const nowhere = await analyst.get<CatalogRegionPage>('/v1/catalog/regions?country=AE');
    expect(nowhere.body.data).toEqual([]);
  });
});

describe('refusals', () => {
  it.each(LISTS)('asks for a credential and its scope (%s)', async (list) => {
    const path = `/v1/catalog/${list}`;
    expect(refusal(await new Caller(service.url).get(path))).toEqual({ status: 401, code: 'not-authenticated' });
    const manager = new Caller(service.url, service.keys.manager);
    expect(refusal(await manager.get(path))).toEqual({ status: 403, code: 'scope-missing' });
  });

  it.each([
    ['limit=0', '/limit'],
    ['limit=201', '/limit'],
    ['limit=ten', '/limit'],
    ['q=', '/q'],
    ['page=2', '/page'],
  ])('refuses ?%s', async (query, pointer) => {
    const answer = await analyst.get(`/v1/catalog/categories?${query}`);
    expect(refusal(answer)).toEqual({ status: 400, code: 'request-invalid', pointers: [pointer] });
  });

  it('refuses a country that the retailer is not in', async () => {
    const answer = await analyst.get('/v1/catalog/regions?country=XX');
    expect(refusal(answer)).toEqual({ status: 400, code: 'request-invalid', pointers: ['/country'] });
  });

  it('refuses a cursor that was altered, or belongs to another list or filter', async () => {
    const { body } = await analyst.get<AnyPage>('/v1/catalog/stores?limit=2');
    const cursor = String(body.nextCursor);
    const altered = `${cursor.slice(0, -1)}${cursor.endsWith('A') ? 'B' : 'A'}`;
    const invalid = { status: 400, code: 'cursor-invalid', pointers: ['/cursor'] };
    for (const query of [
      `stores?cursor=${altered}`,
      `regions?cursor=${cursor}`,
      `stores?country=FR&cursor=${cursor}`,
    ]) {
      expect(refusal(await analyst.get(`/v1/catalog/${query}`))).toEqual(invalid);
    }
  });

  it.each(PORTFOLIO_LISTS)("answers for another brand's portfolio as for no brand's (%s)", async (list) => {
    const foreign = await analyst.get(`/v1/catalog/${list}?brandId=${service.keys.otherBrandId}`);
    const unknown = await analyst.get(`/v1/catalog/${list}?brandId=${unknownId('brd')}`);
    expect(foreign.status).toBe(404);
    expect(anonymous(foreign)).toEqual(anonymous(unknown));
  });

  it('names the methods of an address and the types it can give', async () => {
    const wrong = await analyst.delete('/v1/catalog/categories');
    expect(refusal(wrong)).toEqual({ status: 405, code: 'method-not-allowed' });
    expect(wrong.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
    const html = await analyst.get('/v1/catalog/categories', { Accept: 'text/html' });
    expect(refusal(html)).toEqual({ status: 406, code: 'not-acceptable' });
  });
});
