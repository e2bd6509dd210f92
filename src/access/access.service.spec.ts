import { inspect } from 'node:util';
import { DomainError, MovableClock, newId } from '#core';
import { AccessService } from './access.service.ts';
import type { ApiKey } from './api-key.entity.ts';
import { generateKey } from './api-key.ts';
import type { CredentialsService } from './credentials.service.ts';
import type { Identity } from './identity.entity.ts';
import { issuerKeyOf } from './issuer-key.ts';
import { LocalIssuer } from './local-issuer.ts';
import { OAuthService } from './oauth.service.ts';
import type { AgencyGrant, Principal } from './principal.ts';
import { BRAND_SCOPES } from './scopes.ts';
import { TokenVerifier } from './token-verifier.ts';

const URL = 'https://haven.example.test';
const OUTSIDE = 'https://login.example.test';
const ADDRESS = '203.0.113.7';
const DAY = 86_400_000;

/** Stored credentials in memory. */
class StoredCredentials implements Pick<CredentialsService, keyof CredentialsService> {
  keys: ApiKey[] = [];
  identities: Identity[] = [];
  grants: (AgencyGrant & { agencyId: string })[] = [];
  used: string[] = [];
  /** Whether anything was looked up. */
  asked = false;

  async keyByPublicId(publicId: string): Promise<ApiKey | null> {
    this.asked = true;
    return this.keys.find((key) => key.publicId === publicId) ?? null;
  }

  async keyById(id: string): Promise<ApiKey | null> {
    this.asked = true;
    return this.keys.find((key) => key.id === id) ?? null;
  }

  async identity(issuer: string, subject: string): Promise<Identity | null> {
    return this.identities.find((one) => one.issuer === issuer && one.subject === subject) ?? null;
  }

  async grantsOf(agencyId: string): Promise<readonly AgencyGrant[]> {
    return this.grants.filter((grant) => grant.agencyId === agencyId);
  }

  async noteUse(key: ApiKey): Promise<void> {
    this.used.push(key.id);
  }

  forgetKey(): void {
    // Nothing is remembered.
  }

  forgetIdentity(): void {
    // Nothing is remembered.
  }
}

const clock = new MovableClock('2026-03-01T12:00:00Z');
const local = await LocalIssuer.create(URL, issuerKeyOf(Buffer.alloc(32, 1)), clock);
const outside = await LocalIssuer.create(OUTSIDE, issuerKeyOf(Buffer.alloc(32, 2)), clock);
const verifier = new TokenVerifier(
  [local, outside].map(({ issuer, verificationKeys }) => ({ issuer, audience: issuer, keys: verificationKeys })),
  clock,
);

let stored: StoredCredentials;
let access: AccessService;
let oauth: OAuthService;

beforeEach(() => {
  stored = new StoredCredentials();
  const options = { publicUrl: URL, issuers: [], keyMode: 'live', issuerSeed: Buffer.alloc(32, 1) } as const;
  access = new AccessService(stored as unknown as CredentialsService, verifier, options, clock);
  oauth = new OAuthService(access, local);
});

/** Stores a key and gives its text. */
function store(change: Partial<ApiKey> = {}, generated = generateKey('live')): { text: string; key: ApiKey } {
  const { text, ...parts } = generated;
  const key: ApiKey = {
    ...parts,
    id: newId('key', clock.now()),
    kind: 'brand',
    brandId: 'brd_a',
    agencyId: null,
    label: 'Analyst',
    scopes: ['catalog:read', 'audiences:read'],
    previousSecretHash: null,
    previousValidUntil: null,
    allowedIps: [],
    createdBy: 'idn_1',
    createdAt: new Date(clock.now()),
    expiresAt: new Date(clock.now() + DAY),
    revokedAt: null,
    lastUsedAt: null,
    ...change,
  };
  stored.keys.push(key);
  return { text, key };
}

const call = (credential: string, address = ADDRESS): Promise<Principal> =>
  access.authenticate(`Bearer ${credential}`, address);

async function refusal(attempt: Promise<unknown>): Promise<DomainError> {
  const error: unknown = await attempt.then(
    () => new Error('the credential was taken'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof DomainError)) throw error;
  return error;
}

/** Buys a token with an API key. */
const exchange = (text: string, scope?: string): Promise<string> =>
  oauth
    .token(
      { grant_type: 'client_credentials', client_secret: text, ...(scope !== undefined && { scope }) },
      undefined,
      ADDRESS,
    )
    .then((token) => token.access_token);

/** Registers `user-1` of the outside issuer. */
const register = (change: Partial<Identity> = {}): void => {
  stored.identities.push({
    id: 'idn_1',
    issuer: OUTSIDE,
    subject: 'user-1',
    kind: 'brand',
    brandId: 'brd_a',
    agencyId: null,
    role: 'brand_analyst',
    label: 'Ana',
    disabledAt: null,
    ...change,
  });
};

/** Calls with a token of `user-1` that names two scopes. */
const login = async (): Promise<Principal> => {
  const { text } = await outside.sign({
    keyId: 'user-1',
    scopes: ['catalog:read', 'keys:manage'],
    expiresAt: clock.now() + DAY,
  });
  return call(text);
};

describe('an API key', () => {
  it('stands for its holder', async () => {
    const { text, key } = store();
    expect(await call(text)).toMatchObject({
      kind: 'brand',
      id: key.id,
      brandIds: ['brd_a'],
      scopes: new Set(['catalog:read', 'audiences:read']),
      credential: 'api-key',
      rateKey: 'brand:brd_a',
      expiresAt: key.expiresAt.getTime(),
    });
    expect(stored.used).toEqual([key.id]);
  });

  it('with a wrong checksum or of the other mode is refused without a look into the store', async () => {
    const { text } = store();
    const altered = text.slice(0, -1) + (text.endsWith('0') ? '1' : '0');
    expect((await refusal(call(altered))).code).toBe('not-authenticated');
    expect((await refusal(call(generateKey('test').text))).code).toBe('not-authenticated');
    expect(stored.asked).toBe(false);
  });

  it('is answered alike whether the id is unknown or the secret wrong', async () => {
    const { key } = store();
    const unknown = await refusal(call(generateKey('live').text));
    const wrong = await refusal(call(generateKey('live', key.publicId).text));
    expect(wrong.text.public).toBe(unknown.text.public);
    expect([wrong.code, unknown.code]).toEqual(['not-authenticated', 'not-authenticated']);
    expect(stored.used).toEqual([]);
  });

  it('ends at its expiry to the millisecond', async () => {
    const { text, key } = store({ expiresAt: new Date(clock.now() + 1) });
    expect((await call(text)).id).toBe(key.id);
    clock.move(1);
    expect((await refusal(call(text))).code).toBe('not-authenticated');
  });

  it('ends when it is revoked', async () => {
    const { text } = store({ revokedAt: new Date(clock.now()) });
    expect((await refusal(call(text))).code).toBe('not-authenticated');
  });

  it('keeps its former secret until the overlap is over, and not a moment longer', async () => {
    const before = generateKey('live');
    const after = generateKey('live', before.publicId);
    const until = new Date(clock.now() + 60_000);
    store({ previousSecretHash: before.secretHash, previousValidUntil: until }, after);
    expect((await call(before.text)).kind).toBe('brand');
    clock.move(59_999);
    expect((await call(before.text)).kind).toBe('brand');
    clock.move(1);
    expect((await refusal(call(before.text))).code).toBe('not-authenticated');
    expect((await call(after.text)).kind).toBe('brand');
  });

  it('limited to networks works only from there, and does not say that this is why', async () => {
    const { text } = store({ allowedIps: ['198.51.100.0/24'] });
    expect((await call(text, '198.51.100.9')).kind).toBe('brand');
    const elsewhere = await refusal(call(text));
    const junk = await refusal(call('crk_live_junk'));
    expect(elsewhere.text.public).toBe(junk.text.public);
    expect((await refusal(call(text, ''))).code).toBe('not-authenticated');
  });

  it('of an agency acts for the brands that grant it now', async () => {
    const { text } = store({ kind: 'agency', brandId: null, agencyId: 'agy_1', scopes: [...BRAND_SCOPES] });
    expect((await call(text)).brandIds).toEqual([]);
    stored.grants = [{ agencyId: 'agy_1', brandId: 'brd_a', scopes: ['catalog:read'] }];
    expect(await call(text)).toMatchObject({
      brandIds: ['brd_a'],
      scopes: new Set(['catalog:read']),
      agencyId: 'agy_1',
    });
    stored.grants = [];
    expect((await call(text)).scopes).toEqual(new Set());
  });

  it('never shows in a refusal', async () => {
    const { text } = store({ revokedAt: new Date(clock.now()) });
    const limited = store({ allowedIps: ['198.51.100.0/24'] });
    for (const key of [text, limited.text, generateKey('live').text, generateKey('test').text]) {
      const error = await refusal(call(key));
      const told = inspect(error, { depth: 9, showHidden: true }) + String(error) + JSON.stringify(error.text);
      expect(told).not.toContain(key.slice(18));
      expect(told).not.toContain(key.slice(18, 61));
    }
  });
});

describe('an Authorization header', () => {
  it.each([undefined, '', 'Bearer', 'Bearer ', 'Basic a2V5', 'Bearer a b', 'Bearer a,b', 'Bearer ä', 'crk_live_x'])(
    'with %p is refused',
    async (header) => {
      expect((await refusal(access.authenticate(header, ADDRESS))).code).toBe('not-authenticated');
    },
  );

  it('may write the scheme in any case', async () => {
    const { text } = store();
    expect((await access.authenticate(`bearer  ${text}`, ADDRESS)).kind).toBe('brand');
  });
});

describe('a token of the service’s own', () => {
  it('stands for the key it was made with', async () => {
    const { text, key } = store();
    expect(await call(await exchange(text))).toMatchObject({ id: key.id, credential: 'token', brandIds: ['brd_a'] });
  });

  it('is narrowed to the scopes asked for, and never gets one the key lacks', async () => {
    const { text } = store();
    expect((await call(await exchange(text, 'catalog:read'))).scopes).toEqual(new Set(['catalog:read']));
    for (const scope of ['sizes:create', 'openid', 'catalog:read admin:keys']) {
      expect((await refusal(exchange(text, scope))).code).toBe('scope-missing');
    }
  });

  it('loses what its key loses', async () => {
    const { text, key } = store();
    const token = await exchange(text);
    key.scopes = ['audiences:read'];
    expect((await call(token)).scopes).toEqual(new Set(['audiences:read']));
    key.revokedAt = new Date(clock.now());
    expect((await refusal(call(token))).code).toBe('not-authenticated');
  });

  it('is held to the networks of its key', async () => {
    const { text } = store({ allowedIps: ['203.0.113.0/24'] });
    const token = await exchange(text);
    expect((await refusal(call(token, '198.51.100.9'))).code).toBe('not-authenticated');
  });

  it('buys no other token', async () => {
    const { text } = store();
    const token = await exchange(text);
    expect((await refusal(exchange(token))).code).toBe('not-authenticated');
    const byHeader = oauth.token({ grant_type: 'client_credentials' }, `Bearer ${token}`, ADDRESS);
    expect((await refusal(byHeader)).code).toBe('not-authenticated');
  });

  it('is not given for another client id', async () => {
    const { text, key } = store();
    const ask = (client_id: string): Promise<unknown> =>
      oauth.token({ grant_type: 'client_credentials', client_id, client_secret: text }, undefined, ADDRESS);
    expect(await ask(key.id)).toMatchObject({ token_type: 'Bearer', expires_in: 600 });
    expect((await refusal(ask(newId('key', clock.now())))).code).toBe('not-authenticated');
  });

  it.each(['key_1', 'brd_a', `key_${'0'.repeat(26)}`])('for %p, which is no key, is refused', async (keyId) => {
    store();
    const { text } = await local.sign({ keyId, scopes: ['catalog:read'], expiresAt: clock.now() + DAY });
    expect((await refusal(call(text))).code).toBe('not-authenticated');
  });
});

describe('a token of an outside issuer', () => {
  it('stands for the identity, with those of its role’s scopes that it names', async () => {
    register();
    expect(await login()).toMatchObject({ id: 'idn_1', brandIds: ['brd_a'], scopes: new Set(['catalog:read']) });
  });

  it.each<[string, Partial<Identity>]>([
    ['is not registered', { subject: 'user-2' }],
    ['is registered for another issuer', { issuer: URL }],
    ['is disabled', { disabledAt: new Date(0) }],
    ['has a role of another kind', { role: 'account_manager' }],
  ])('is refused when its subject %s', async (_, change) => {
    register(change);
    expect((await refusal(login())).code).toBe('not-authenticated');
  });

  it('never stands for an API key, even if its subject is the id of one', async () => {
    const { key } = store();
    const { text } = await outside.sign({ keyId: key.id, scopes: ['catalog:read'], expiresAt: clock.now() + DAY });
    expect((await refusal(call(text))).code).toBe('not-authenticated');
  });
});
