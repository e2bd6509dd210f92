import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { LaunchError, runStep, say } from './step.mjs';

/** Compiles the service unless `dist` was made from these very sources. */
export async function ensureBuild(root, node) {
  if (isBuilt(root)) return;
  await withLock(root, async () => {
    if (isBuilt(root)) return;
    // Taken before the build: an edit meanwhile makes the next start build again.
    const built = sourceHash(root);
    say('Building …');
    const begun = performance.now();
    const code = await runStep(node, ['node_modules/@nestjs/cli/bin/nest.js', 'build'], {
      cwd: root,
      stdout: process.stderr,
    });
    if (code !== 0) throw new LaunchError('The build failed.', code);
    writeFileSync(stampFile(root), built);
    say(`Built in ${((performance.now() - begun) / 1000).toFixed(1)} s.`);
  });
}

const stampFile = (root) => join(root, 'dist', '.haven-build');

function isBuilt(root) {
  return existsSync(stampFile(root)) && readFileSync(stampFile(root), 'utf8') === sourceHash(root);
}

/** SHA-256 over names and contents of everything the build reads. */
function sourceHash(root) {
  const hash = createHash('sha256');
  for (const path of sources(root))
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0');
  return hash.digest('hex');
}

function sources(root) {
  const top = readdirSync(root).filter((name) => /^(tsconfig.*|nest-cli|package|package-lock)\.json$/.test(name));
  const below = ['src', 'libs']
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => filesBelow(root, folder))
    .filter((path) => !path.endsWith('.spec.ts'));
  return [...top, ...below].toSorted((a, b) => (a < b ? -1 : 1));
}

function filesBelow(root, folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return filesBelow(root, path);
    return entry.isFile() ? [path] : [];
  });
}
