import { runStep } from './step.mjs';

const LEASH = './tools/launcher/leash.mjs';
const always = () => true;

/** A program of the service: in a session of its own, so that the terminal's Ctrl-C reaches it once, through us. */
const service = (...program) => ({
  needsBuild: always,
  run: ({ root, node, args }) => runStep(node, ['--import', LEASH, ...program, ...args], { cwd: root, leash: true }),
});

/** The attacks run the sources as they are. */
const attacks = {
  needsBuild: () => false,
  run: ({ root, node, args }) => {
    const program = ['--conditions=source', '--import', './test/ledger/load-typescript.ts', 'test/attacks/run.ts'];
    return runStep(node, ['--import', LEASH, ...program, ...args], { cwd: root, leash: true });
  },
};

const test = {
  // Only the process tests start the built service.
  needsBuild: (args) => selectedProjects(args)?.includes('process') ?? true,
  run: ({ root, node, args }) => {
    const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
    return runStep(node, [...flags, 'node_modules/jest/bin/jest.js', ...args], { cwd: root });
  },
};

/** What `npm start`, `npm run demo`, `npm test`, `npm run bench` and `npm run attacks` do. */
export const COMMANDS = {
  start: service('dist/src/main.js'),
  demo: service('dist/src/demo.js'),
  bench: service('--conditions=source', 'test/bench/run.ts'),
  attacks,
  test,
  build: { needsBuild: always, run: () => 0 },
};

/** Jest's `--selectProjects a b` or `--selectProjects=a`; undefined means all of them. */
function selectedProjects(args) {
  const at = args.findIndex((arg) => arg.startsWith('--selectProjects'));
  if (at < 0) return undefined;
  const [, first] = args[at].split('=');
  const rest = args.slice(at + 1);
  const end = rest.findIndex((arg) => arg.startsWith('-'));
  return [...(first ? [first] : []), ...(end < 0 ? rest : rest.slice(0, end))];
}
