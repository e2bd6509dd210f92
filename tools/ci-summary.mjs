// `node tools/ci-summary.mjs <Jest JSON report>...`: names what was skipped and ends with "N passed, N failed".
// Fails when a test failed or was skipped, and when a report is missing: its runner never came to its end.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

const SKIPPED = new Set(['pending', 'skipped', 'todo', 'disabled']);

const reports = process.argv.slice(2).map(read);
const sum = (count) => reports.reduce((total, report) => total + count(report), 0);
const passed = sum((report) => report.numPassedTests);
// A file that does not load has no tests to fail; it counts as one.
const failed = sum((report) => report.numFailedTests + report.numRuntimeErrorTestSuites);
const skipped = reports.flatMap(skippedTests);

for (const name of skipped) console.log(`skipped: ${name}`);
if (skipped.length > 0) console.log(`${skipped.length} skipped: every suite that runs here must run whole.`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && skipped.length === 0 && passed > 0 ? 0 : 1;

function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    console.log(`no report of the tests: ${error.message}`);
    return { numPassedTests: 0, numFailedTests: 0, numRuntimeErrorTestSuites: 1, testResults: [] };
  }
}

function skippedTests({ testResults }) {
  return testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => SKIPPED.has(status))
      .map(({ fullName }) => `${relative(process.cwd(), name)}: ${fullName}`),
  );
}
