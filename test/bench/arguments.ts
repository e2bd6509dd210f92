import { parseArgs } from 'node:util';

export interface Arguments {
  /** The bench to run; undefined runs all. */
  readonly name: string | undefined;
  readonly members: number;
  readonly json: boolean;
  readonly write: boolean;
  /** Day that the written page names. */
  readonly date: string | undefined;
}

const MEMBERS_DEFAULT = 200_000;
const MEMBERS_MIN = 1_000;
const MEMBERS_MAX = 5_000_000;

export const usage = (names: readonly string[]): string => `Usage: npm run bench -- [NAME] [options]

NAME is one of ${names.join(', ')}; without it all run, one after another.

  --members N   members of the demo retailer, ${MEMBERS_MIN} to ${MEMBERS_MAX}; default ${MEMBERS_DEFAULT}
  --json        after each table one line {"bench": NAME, "figures": {…}}
  --write       all benches: writes docs/benchmarks.md
  --date DAY    with --write: the day the page names, YYYY-MM-DD
`;

/** Reads the command line. @throws Error that says what is wrong with it. */
export function readArguments(args: readonly string[], names: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      members: { type: 'string', default: String(MEMBERS_DEFAULT) },
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      date: { type: 'string' },
    },
  });
  const [name, ...more] = positionals;
  if (more.length > 0) throw new Error('one NAME at most');
  if (name !== undefined && !names.includes(name)) throw new Error(`there is no bench "${name}"`);
  const members = Number(values.members);
  if (!Number.isInteger(members) || members < MEMBERS_MIN || members > MEMBERS_MAX) {
    throw new Error(`--members is "${values.members}", must be a whole number from ${MEMBERS_MIN} to ${MEMBERS_MAX}`);
  }
  if (values.write && name !== undefined) throw new Error('--write needs all benches, so no NAME');
  if (values.date !== undefined && !/^\d{4}-\d\d-\d\d$/.test(values.date)) {
    throw new Error(`--date is "${values.date}", must be YYYY-MM-DD`);
  }
  return { name, members, json: values.json, write: values.write, date: values.date };
}
