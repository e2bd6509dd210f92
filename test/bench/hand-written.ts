import { demoBrandManufacturers } from '#demo';
import type { CatalogueSnapshot } from '#warehouse';
import { portfolioOf } from '../../src/catalog/portfolio.ts';
import { subjects } from './audiences.ts';

/**
 * The reference audience as an engineer writes it who knows the tables and their order: literals, no parameters. Two
 * styles, of which the faster is the measure: conditions on the member, and buyers first among eligible members only.
 */
export function handWritten(snapshot: CatalogueSnapshot): Readonly<Record<'conditions' | 'buyersFirst', string>> {
  const { categories, brands, regions } = literals(snapshot);
  const eligible = `country = 'FR' AND c_audience_measurement AND region_id IN (${regions})`;
  const bought = `country = 'FR' AND day BETWEEN DATE '2026-05-01' AND DATE '2026-10-31' AND category_id IN (${categories})`;
  const avoided = `country = 'FR' AND day BETWEEN DATE '2025-11-01' AND DATE '2026-10-31' AND brand_id IN (${brands})`;
  return {
    conditions: `
      SELECT count(*) FROM member
      WHERE ${eligible}
        AND member_id IN (
          SELECT member_id FROM line WHERE ${bought} GROUP BY member_id HAVING count(DISTINCT basket_id) >= 2)
        AND member_id NOT IN (SELECT member_id FROM brand_day WHERE ${avoided})`,
    buyersFirst: `
      WITH eligible AS (SELECT member_id FROM member WHERE ${eligible}),
      buyers AS (
        SELECT member_id FROM line SEMI JOIN eligible USING (member_id)
        WHERE ${bought} GROUP BY member_id HAVING count(DISTINCT basket_id) >= 2)
      SELECT count(*) FROM buyers ANTI JOIN (SELECT member_id FROM brand_day WHERE ${avoided}) USING (member_id)`,
  };
}

function literals(snapshot: CatalogueSnapshot): { categories: string; brands: string; regions: string } {
  const { category, brand, regions } = subjects();
  const [{ name }] = demoBrandManufacturers().manufacturers;
  return {
    // A brand sees the leaves it is sold in, as in the product.
    categories: list(portfolioOf(snapshot, name).leavesByCategory.get(category) ?? []),
    brands: list(idsOf(snapshot.brands, [brand])),
    regions: list(idsOf(snapshot.regions, regions)),
  };
}

const list = (ids: readonly number[]): string => ids.toSorted((a, b) => a - b).join(', ');

const idsOf = (items: readonly { id: number; code: string }[], codes: readonly string[]): number[] =>
  items.filter(({ code }) => codes.includes(code)).map(({ id }) => id);
