/** The architecture, as rules over resolved paths. Read this before adding a folder. */
const lib = (...names) => `^libs/(${names.join('|') || '(?!)'})/`;
const npm = (...names) => `node_modules/(${names.join('|')})/`;
const error = (name, from, to, comment) => ({ name, severity: 'error', comment, from, to });

// lib -> the libs it may use. A lib that is absent here may use none.
const LIB_EDGES = {
  core: [],
  privacy: ['core'],
  audience: ['core'],
  attribution: ['core'],
  warehouse: ['core'],
  demo: ['core', 'warehouse'],
};

export default {
  forbidden: [
    error('no-circular', {}, { circular: true }),
    error('resolvable', {}, { couldNotResolve: true }),
    ...Object.entries(LIB_EDGES).map(([name, uses]) =>
      error(
        `lib-${name}-uses-only-${uses.join('-') || 'nothing'}`,
        { path: lib(name) },
        { path: '^libs/', pathNot: lib(name, ...uses) },
      ),
    ),
    error(
      'lib-must-be-listed',
      { path: '^libs/', pathNot: lib(...Object.keys(LIB_EDGES)) },
      { path: '^libs/' },
      'a new lib states its edges in LIB_EDGES first',
    ),
    error(
      'libs-are-framework-free',
      { path: '^libs/' },
      { path: npm('@nestjs', 'typeorm', 'express', 'class-validator', 'class-transformer', 'reflect-metadata', 'pg') },
    ),
    error('libs-do-not-import-src', { path: '^libs/' }, { path: '^(src|test)/' }),
    error('libs-only-through-index', { path: '^src/' }, { path: '^libs/[^/]+/(?!index\\.ts$)' }),
    error(
      'lib-to-lib-only-through-index',
      { path: '^libs/([^/]+)/' },
      { path: '^libs/(?!$1/)[^/]+/(?!index\\.ts$)', pathNot: '^libs/core/raw\\.ts$' },
    ),
    error(
      'only-privacy-opens-raw',
      { pathNot: '^libs/(core|privacy)/|^test/|(\\.spec|/testing)\\.ts$' },
      { path: '^libs/core/raw\\.ts$' },
      'an exact count is opened by the noise mechanism and nowhere else',
    ),
    error(
      'seeded-randomness-only-in-tests',
      { path: '^(src|libs)/', pathNot: '(\\.spec|/testing[^/]*)\\.ts$' },
      { path: '^libs/[^/]+/testing\\.ts$' },
      'what a seed repeats is no noise',
    ),
    error(
      'only-releases-adds-noise',
      { path: '^src/(?!releases/)' },
      { path: lib('privacy') },
      'every number about members leaves through src/releases',
    ),
    error(
      'capability-only-through-its-door',
      // The composition root knows everybody.
      { path: '^src/([^/]+)/', pathNot: '^src/(database|boot)/' },
      {
        path: '^src/(?!$1/|common/|config/|database/)[^/]+/',
        // The answer shape and who calls are what a capability shows to others; the rest of its DTOs are its own.
        pathNot:
          '\\.(module|service|decorator)\\.ts$|^src/access/(principal|scopes)\\.ts$|^src/releases/release-view\\.dto\\.ts$',
      },
    ),
    error(
      'typeorm-only-in-entities-services-database',
      {
        path: '^src/',
        pathNot: '(\\.entity|\\.service|\\.module)\\.ts$|^src/(database|common|boot)/|^src/[^/]+\\.ts$',
      },
      { path: npm('typeorm', '@nestjs/typeorm') },
    ),
    error(
      'duckdb-and-bigquery-only-in-warehouse',
      { path: '^(src|libs)/', pathNot: '^libs/warehouse/' },
      { path: npm('@google-cloud/bigquery', '@duckdb') },
    ),
    error(
      'product-does-not-import-tests',
      { path: '^(src|libs)/', pathNot: '\\.spec\\.ts$' },
      { path: '^test/|\\.spec\\.ts$' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default'],
      extensions: ['.ts', '.js'],
    },
  },
};
