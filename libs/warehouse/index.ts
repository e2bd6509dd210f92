export type {
  CatalogueBrand,
  CatalogueCategory,
  CatalogueProduct,
  CatalogueRegion,
  CatalogueSnapshot,
  CatalogueStore,
  CatalogueTier,
  ConsentEvent,
  ConsentReceipt,
  CountOptions,
  DataVersion,
  QueryTag,
  Warehouse,
} from './warehouse.ts';
export * as schema from './schema.ts';
export { createTables } from './ddl.ts';
export { IdentifierKey } from './identifier-key.ts';
export { DuckDbWarehouse } from './duckdb-warehouse.ts';
export type { DuckDbWarehouseOptions } from './duckdb-warehouse.ts';
export type { DuckDbResources } from './duckdb-file.ts';
export { WarehouseLoader } from './loader.ts';
export type { LoadedCountry, LoadedValue, LoaderOptions } from './loader.ts';
