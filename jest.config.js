import { readFileSync } from 'node:fs';

const swc = JSON.parse(readFileSync(new URL('.swcrc', import.meta.url), 'utf8'));

const base = {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': ['@swc/jest', { ...swc, swcrc: false }] },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
};

/** A project per kind of test; `npm test -- --selectProjects unit` runs one kind. */
const project = (displayName, testMatch, more = {}) => ({ ...base, displayName, testMatch, ...more });

const withServers = {
  globalSetup: '<rootDir>/test/harness/global-setup.ts',
  globalTeardown: '<rootDir>/test/harness/global-teardown.ts',
};

export default {
  coverageProvider: 'v8',
  testTimeout: 60_000,
  maxWorkers: 2,
  projects: [
    project('unit', ['<rootDir>/{src,libs}/**/*.spec.ts']),
    project('property', ['<rootDir>/test/property/**/*.spec.ts']),
    project('statistical', ['<rootDir>/test/statistical/**/*.spec.ts']),
    project('architecture', ['<rootDir>/test/architecture/**/*.spec.ts'], withServers),
    project('real-data', ['<rootDir>/test/real-data/**/*.spec.ts']),
    project('process', ['<rootDir>/test/process/**/*.spec.ts']),
    project('e2e', ['<rootDir>/test/e2e/**/*.e2e-spec.ts'], withServers),
    project('ledger', ['<rootDir>/test/ledger/**/*.spec.ts'], withServers),
    project('attacks', ['<rootDir>/test/attacks/**/*.spec.ts'], withServers),
  ],
};
