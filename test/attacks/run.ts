import { Logger } from '@nestjs/common';
import startCluster from '../harness/global-setup.ts';
import stopCluster from '../harness/global-teardown.ts';
import type { Attack } from './attack.ts';
import { ATTACKS } from './suite.ts';
import { verdictTable } from './table.ts';
import { verdictOf } from './verdict.ts';
import type { Verdict } from './verdict.ts';

// A program: `npm run attacks [-- words of a name]`. Runs the attacks, prints a table and what each attacker does, and
// fails where a bound is broken or a control does not win.

const LANES = 2;
const wanted = process.argv.slice(2).join(' ');
const chosen = ATTACKS.filter(({ name }) => name.includes(wanted));

/** Two attacks at a time: each has a service and a stream of noise of its own, so they do not touch each other. */
async function runAll(): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  const waiting = [...chosen.entries()];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, attack] = next;
      console.error(`${attack.name} …`);
      verdicts[index] = await verdictOf(attack);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return verdicts;
}

const described = ({ name, about, formula }: Attack): string => `${name}: ${about} Bound: ${formula}.`;

async function main(): Promise<number> {
  if (chosen.length === 0) {
    console.error(`no attack is named "${wanted}"; there are:\n${ATTACKS.map(({ name }) => `  ${name}`).join('\n')}`);
    return 2;
  }
  Logger.overrideLogger(false);
  await startCluster();
  try {
    const verdicts = await runAll();
    console.log(`${verdictTable(verdicts)}\n\n${chosen.map(described).join('\n')}`);
    return verdicts.every(({ faults }) => faults.length === 0) ? 0 : 1;
  } finally {
    await stopCluster();
  }
}

process.exit(await main());
