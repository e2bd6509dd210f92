export { AUDIENCE_VERSION, CHANNELS } from './ast.ts';
export type {
  AudienceDefinition,
  AudienceReference,
  Channel,
  Leaf,
  LeafType,
  ProductSelector,
  Rule,
  Window,
} from './ast.ts';
export { LIMITS } from './limits.ts';
export { parseDefinition } from './parse.ts';
export type { FaultCode } from './faults.ts';
export type { AudienceCatalogue, CatalogueProduct, Lookup } from './catalogue.ts';
export { NO_REFERENCES, loadReferences, referenceKey, referencesIn } from './references.ts';
export type { LoadReference, References } from './references.ts';
export { resolveDefinition } from './resolve.ts';
export type { AsOf, AudienceWarning, ResolvedAudience } from './resolve.ts';
export { canonicalAudience, definitionHash } from './canonical.ts';
export type { CanonicalAudience } from './canonical.ts';
export { compileCount } from './compile.ts';
export type { CompileOptions } from './compile.ts';
export type { TableName } from './tables.ts';
export { describe } from './sentence.ts';
export type { Names } from './names.ts';
export type { Sentences } from './sentence.ts';
