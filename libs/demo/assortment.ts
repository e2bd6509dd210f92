import { STREAM } from './draws.ts';
import type { Draws } from './draws.ts';
import { gtin13 } from './gtin.ts';
import { MAKERS, PRIVATE_LABEL, slugOf } from './makers.ts';
import { TAXONOMY, titleOf } from './taxonomy.ts';
import type { DepartmentData, SubcategoryData } from './taxonomy.ts';
import { Weighted, zipf } from './weighted.ts';

export interface DemoCategory {
  readonly id: number;
  readonly code: string;
  readonly parentId: number | null;
  readonly name: string;
  /** Relative number of lines sold; a leaf's own, a node's sum. */
  readonly weight: number;
}

export interface DemoBrand {
  readonly id: number;
  readonly code: string;
  readonly name: string;
  readonly manufacturer: string;
}

export interface DemoProduct {
  readonly id: number;
  readonly gtin: string;
  readonly name: string;
  readonly brandId: number;
  readonly categoryId: number;
  readonly priceCents: number;
}

/** What one leaf category sells. */
export interface Shelf {
  readonly categoryId: number;
  readonly brandIds: readonly number[];
  /** Draws a position in `brandIds` by market share. */
  readonly shares: Weighted;
  /** Products of the brand at each position, best seller first. */
  readonly products: readonly (readonly DemoProduct[])[];
}

export interface Assortment {
  readonly categories: readonly DemoCategory[];
  readonly brands: readonly DemoBrand[];
  readonly products: readonly DemoProduct[];
  readonly shelves: readonly Shelf[];
  /** Draws a position in `shelves` by popularity. */
  readonly popularity: Weighted;
}

const RANGES = ['Classic', 'Bio', 'Gourmet', 'Light'] as const;
const PRIVATE_LABEL_PRICE_PERCENT = [85, 65] as const;
/** A brand is sold in this share of the leaves of its subcategories. */
const LISTED = 0.85;
const FLAT = 1.5;

interface DepartmentBrand extends DemoBrand {
  readonly department: string;
  readonly pricePercent: number;
  /** First of its subcategories, and how many follow it round. */
  readonly subcategoryFrom: number;
  readonly subcategoryCount: number;
}

/** Everything that is sold. The same on every call: it depends on nothing but the data beside this file. */
export function buildAssortment(draws: Draws): Assortment {
  draws.start(STREAM.world, 1);
  const brands = makeBrands(draws);
  const categories: DemoCategory[] = [];
  const products: DemoProduct[] = [];
  const shelves: Shelf[] = [];
  const weights: number[] = [];
  for (const department of TAXONOMY) {
    const node = addCategory(categories, department.code, null, department.name, department.weight);
    const subWeights = shareOut(department.weight, department.subcategories.length);
    for (const [subIndex, sub] of department.subcategories.entries()) {
      const subWeight = subWeights[subIndex] ?? 0;
      const subNode = addCategory(categories, `${node.code}.${sub.code}`, node.id, titleOf(sub.code), subWeight);
      const leafWeights = shareOut(subWeight, sub.leaves.length);
      const sold = brands.filter((brand) => isSoldIn(brand, department.code, subIndex));
      for (const [leafIndex, leaf] of sub.leaves.entries()) {
        const weight = leafWeights[leafIndex] ?? 0;
        const name = `${titleOf(sub.code)}, ${leaf}`;
        const category = addCategory(categories, `${subNode.code}.${leaf}`, subNode.id, name, weight);
        shelves.push(stockShelf(category, { department, sub }, sold, products, draws));
        weights.push(weight);
      }
    }
  }
  return { categories, brands: brands.map(publicBrand), products, shelves, popularity: new Weighted(weights) };
}

function makeBrands(draws: Draws): DepartmentBrand[] {
  const brands: DepartmentBrand[] = [];
  const add = (name: string, manufacturer: string, department: string, pricePercent: number): void => {
    const id = brands.length + 1;
    const subcategoryFrom = draws.below(5);
    const subcategoryCount = 3 + draws.below(2);
    const code = slugOf(name);
    brands.push({ id, code, name, manufacturer, department, pricePercent, subcategoryFrom, subcategoryCount });
  };
  for (const [index, name] of PRIVATE_LABEL.brands.entries()) {
    add(name, PRIVATE_LABEL.name, '*', PRIVATE_LABEL_PRICE_PERCENT[index] ?? 100);
  }
  for (const maker of MAKERS) {
    for (const name of maker.brands) add(name, maker.name, maker.department, 90 + draws.below(50));
  }
  return brands;
}

const publicBrand = ({ id, code, name, manufacturer }: DepartmentBrand): DemoBrand => ({
  id,
  code,
  name,
  manufacturer,
});

function isSoldIn(brand: DepartmentBrand, department: string, subIndex: number): boolean {
  if (brand.department === '*') return true;
  if (brand.department !== department) return false;
  return (subIndex - brand.subcategoryFrom + 5) % 5 < brand.subcategoryCount;
}

function addCategory(
  categories: DemoCategory[],
  code: string,
  parentId: number | null,
  name: string,
  weight: number,
): DemoCategory {
  const category = { id: categories.length + 1, code, parentId, name, weight };
  categories.push(category);
  return category;
}

/** Splits a weight by Zipf's law, first to last. */
function shareOut(weight: number, count: number): number[] {
  const parts = zipf(count, FLAT);
  const total = parts.reduce((sum, part) => sum + part, 0);
  return parts.map((part) => (weight * part) / total);
}

function stockShelf(
  category: DemoCategory,
  place: { readonly department: DepartmentData; readonly sub: SubcategoryData },
  sold: readonly DepartmentBrand[],
  products: DemoProduct[],
  draws: Draws,
): Shelf {
  const ownLabels = PRIVATE_LABEL.brands.length;
  const listed = sold.filter((_, index) => index < ownLabels || draws.chance(LISTED));
  const rivals = shuffle(listed.slice(ownLabels), draws);
  // The dearer own label and the leading rival are the two largest; the cheap one is small.
  const ranked = [...listed.slice(0, 1), ...rivals.slice(0, 2), ...listed.slice(1, ownLabels), ...rivals.slice(2)];
  const stocked = ranked.map((brand) => {
    const own: DemoProduct[] = [];
    for (const [range, size, pricePercent] of articles(place.department, draws)) {
      const id = products.length + 1;
      const name = `${brand.name} ${category.name} ${range} ${size}`;
      const priceCents = Math.max(
        29,
        Math.round((place.sub.priceCents * brand.pricePercent * pricePercent * (88 + draws.below(25))) / 1_000_000),
      );
      const product = { id, gtin: gtin13(brand.id, id), name, brandId: brand.id, categoryId: category.id, priceCents };
      own.push(product);
      products.push(product);
    }
    return own;
  });
  return {
    categoryId: category.id,
    brandIds: ranked.map((brand) => brand.id),
    shares: new Weighted(zipf(ranked.length, FLAT)),
    products: stocked,
  };
}

/** Two or three different articles: a range, a size and the price of that size. */
function articles(department: DepartmentData, draws: Draws): [string, string, number][] {
  const all = RANGES.flatMap((range) =>
    department.sizes.map(([size, percent]): [string, string, number] => [range, size, percent]),
  );
  return shuffle(all, draws).slice(0, 2 + draws.below(2));
}

/** Fisher-Yates. */
function shuffle<T>(items: readonly T[], draws: Draws): T[] {
  const shuffled = [...items];
  for (let index = shuffled.length - 1; index > 0; index--) {
    const other = draws.below(index + 1);
    const [a, b] = [shuffled[index], shuffled[other]];
    if (a !== undefined && b !== undefined) [shuffled[index], shuffled[other]] = [b, a];
  }
  return shuffled;
}
