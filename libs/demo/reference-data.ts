import { schema } from '#warehouse';
import type { WarehouseLoader } from '#warehouse';
import { TIERS } from './world.ts';
import type { DemoWorld } from './world.ts';

/** Writes regions, stores, tiers, categories, brands and products. */
export async function writeReferenceData(loader: WarehouseLoader, world: DemoWorld): Promise<void> {
  const regions = world.countries.flatMap(({ regions: own }) => own);
  const stores = world.countries.flatMap(({ stores: own }) => own);
  await loader.insert(
    schema.REGION,
    regions.map(({ id, code, country, name }) => [id, code, country, name]),
  );
  await loader.insert(
    schema.STORE,
    stores.map(({ id, code, name, country, regionId }) => [id, code, name, country, regionId]),
  );
  await loader.insert(
    schema.TIER,
    TIERS.map(({ id, code, name }) => [id, code, name]),
  );
  await loader.insert(
    schema.CATEGORY,
    world.categories.map(({ id, code, parentId, name }) => [id, code, parentId, name]),
  );
  await loader.insert(
    schema.BRAND,
    world.brands.map(({ id, code, name, manufacturer }) => [id, code, name, manufacturer]),
  );
  await loader.insert(
    schema.PRODUCT,
    world.products.map(({ id, gtin, name, brandId, categoryId }) => [id, gtin, name, brandId, categoryId]),
  );
}
