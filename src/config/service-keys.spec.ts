import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecretFile, replaceSecretFile } from './secret-file.ts';
import { Secret } from './secret.ts';
import { loadServiceKeys } from './service-keys.ts';
import type { ServiceKeys } from './service-keys.ts';

let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'haven-keys-'));
});

afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const file = (): string => join(dataDir, 'secrets', 'service.key');
const load = (): ServiceKeys => loadServiceKeys({ dataDir, serviceSecret: undefined });
const given = (byte: number): string[] =>
  texts(loadServiceKeys({ dataDir, serviceSecret: new Secret(Buffer.alloc(32, byte)) }));
const texts = (keys: ServiceKeys): string[] =>
  [keys.pepper, keys.cursor, keys.issuer, keys.ledgerMark].map((key) => key.reveal().toString('hex'));

describe('the service’s keys', () => {
  it('come from a secret that is made once, for its owner alone, and leaves nothing else behind', () => {
    const first = texts(load());
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(statSync(join(dataDir, 'secrets')).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(dataDir, 'secrets'))).toEqual(['service.key']);
    expect(texts(load())).toEqual(first);
    expect(new Set(first).size).toBe(4);
  });

  it('stop the start when others can read the secret, or it is not whole', () => {
    load();
    chmodSync(file(), 0o644);
    expect(load).toThrow('can be read by others');
    chmodSync(file(), 0o600);
    writeFileSync(file(), 'short');
    expect(load).toThrow('holds 5 bytes, must be 32');
  });

  it('need no folder where the secret is given, and are the same for the same secret', () => {
    expect(given(1)).toEqual(given(1));
    expect(given(1)).not.toEqual(given(2));
    expect(existsSync(file())).toBe(false);
  });
});

describe('a secret file', () => {
  it('keeps what the first of two that make it at once wrote', () => {
    createSecretFile(file(), 'first');
    createSecretFile(file(), 'second');
    expect(readFileSync(file(), 'utf8')).toBe('first');
    expect(readdirSync(join(dataDir, 'secrets'))).toEqual(['service.key']);
  });

  it('is replaced whole where that is asked', () => {
    createSecretFile(file(), 'first');
    replaceSecretFile(file(), 'second');
    expect(readFileSync(file(), 'utf8')).toBe('second');
    expect(readdirSync(join(dataDir, 'secrets'))).toEqual(['service.key']);
  });
});
