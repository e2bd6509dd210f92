import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';
import type { Options } from '@swc/core';

/**
 * Lets a process run the sources as they are, decorators included, as Jest does: `node --import load-typescript.ts`.
 * Node by itself strips types alone.
 */
const options = JSON.parse(readFileSync(new URL('../../.swcrc', import.meta.url), 'utf8')) as Options;

registerHooks({
  load(url, context, nextLoad) {
    if (!url.startsWith('file:') || !url.endsWith('.ts')) return nextLoad(url, context);
    const filename = fileURLToPath(url);
    const source = readFileSync(filename, 'utf8');
    const { code } = transformSync(source, { ...options, filename, swcrc: false, sourceMaps: 'inline' });
    return { format: 'module', source: code, shortCircuit: true };
  },
});
