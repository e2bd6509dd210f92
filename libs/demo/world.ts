import type { Country } from '#core';
import { buildAssortment } from './assortment.ts';
import type { Assortment } from './assortment.ts';
import { Draws, STREAM } from './draws.ts';
import { GEOGRAPHY, STORE_FORMATS } from './geography.ts';
import type { CountryData } from './geography.ts';
import { Weighted } from './weighted.ts';

export interface DemoRegion {
  readonly id: number;
  readonly code: string;
  readonly country: Country;
  readonly name: string;
}

export interface DemoStore {
  readonly id: number;
  readonly code: string;
  readonly name: string;
  readonly country: Country;
  readonly regionId: number;
  /** Relative number of members who call it their own. */
  readonly weight: number;
}

/** Regions and stores of one country, with the draws over them. */
export interface DemoCountry {
  readonly country: Country;
  readonly regions: readonly DemoRegion[];
  readonly stores: readonly DemoStore[];
  /** Draws a position in `stores`, and with it a home region. */
  readonly homeStore: Weighted;
}

export const TIERS = [
  { id: 1, code: 'basic', name: 'Basic' },
  { id: 2, code: 'silver', name: 'Silver' },
  { id: 3, code: 'gold', name: 'Gold' },
] as const;

/** The retailer without its members: what is sold, and where. */
export interface DemoWorld extends Assortment {
  readonly countries: readonly DemoCountry[];
  /** Draws a position in `countries`. */
  readonly countryShare: Weighted;
}

/** Not a setting: reference data is the same for every demo retailer, so that examples can name it. */
const WORLD_SEED = 20_240_501;

let world: DemoWorld | undefined;

/** The one demo world. */
export function demoWorld(): DemoWorld {
  world ??= buildWorld(new Draws(WORLD_SEED));
  return world;
}

function buildWorld(draws: Draws): DemoWorld {
  const countries: DemoCountry[] = [];
  let regionId = 0;
  let storeId = 0;
  for (const data of GEOGRAPHY) {
    const regions = data.regions.map(({ code, name }) => ({ id: ++regionId, code, name, country: data.country }));
    const stores = openStores(data, regions, draws, storeId);
    storeId += stores.length;
    const homeStore = new Weighted(stores.map((store) => store.weight));
    countries.push({ country: data.country, regions, stores, homeStore });
  }
  const countryShare = new Weighted(GEOGRAPHY.map((data) => data.share));
  return { ...buildAssortment(draws), countries, countryShare };
}

/** One store per region, the others where the region has most members per store; weights follow the region's. */
function openStores(data: CountryData, regions: readonly DemoRegion[], draws: Draws, lastId: number): DemoStore[] {
  draws.start(STREAM.world, 2, lastId);
  const counts = spread(
    data.regions.map((region) => region.weight),
    data.storeCount,
  );
  let id = lastId;
  return data.regions.flatMap((regionData, regionIndex) => {
    const formats = Array.from(
      { length: counts[regionIndex] ?? 1 },
      () => STORE_FORMATS[draws.below(3)] ?? STORE_FORMATS[0],
    );
    const space = formats.reduce((sum, format) => sum + format.weight, 0);
    return formats.map((format, index) => ({
      id: ++id,
      code: `${regionData.code}-${String(index + 1).padStart(3, '0')}`,
      name: `${regionData.cities[index % regionData.cities.length]} ${format.name} ${index + 1}`,
      country: data.country,
      regionId: regions[regionIndex]?.id ?? 0,
      weight: (regionData.weight * format.weight) / space,
    }));
  });
}

/** Shares `total` out in proportion to weights, at least one each: the method of Sainte-Laguë. */
function spread(weights: readonly number[], total: number): number[] {
  const counts = weights.map(() => 1);
  for (let given = counts.length; given < total; given++) {
    let best = 0;
    for (const [index, weight] of weights.entries()) {
      const merit = weight / (2 * (counts[index] ?? 0) + 1);
      if (merit > (weights[best] ?? 0) / (2 * (counts[best] ?? 0) + 1)) best = index;
    }
    counts[best] = (counts[best] ?? 0) + 1;
  }
  return counts;
}
