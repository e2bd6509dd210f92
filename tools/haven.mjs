#!/usr/bin/env node
// The one way in: `node tools/haven.mjs <command> [arguments]`. Installs and builds what is missing or stale, then runs.
// Node built-ins alone: nothing is installed when this starts.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuild } from './launcher/build.mjs';
import { COMMANDS } from './launcher/commands.mjs';
import { ensureInstall } from './launcher/install.mjs';
import { pickNode } from './launcher/pick-node.mjs';
import { LaunchError } from './launcher/step.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [name, ...args] = process.argv.slice(2);
const command = Object.hasOwn(COMMANDS, name ?? '') ? COMMANDS[name] : undefined;

try {
  if (!command)
    throw new LaunchError(`usage: node tools/haven.mjs <${Object.keys(COMMANDS).join('|')}> [arguments]`, 2);
  await ensureInstall(root);
  const node = pickNode(root);
  if (command.needsBuild(args)) await ensureBuild(root, node);
  process.exitCode = await command.run({ root, node, args });
} catch (error) {
  if (!(error instanceof LaunchError)) throw error;
  if (error.message) console.error(error.message);
  process.exitCode = error.exitCode;
}
