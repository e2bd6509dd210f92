import fc from 'fast-check';
import { GENESIS, chainHash } from './audit-chain.ts';
import type { AuditRecord } from './audit-chain.ts';

const record: AuditRecord = {
  stream: 'brd_a',
  seq: '1',
  at: '2026-11-20T12:00:00.000Z',
  actor: 'key_a',
  actingFor: null,
  action: 'release.committed',
  resource: 'rel_a',
  details: { kind: 'audience-size', nanoRho: 50_000 },
  previousHash: GENESIS,
};

describe('the hash of an audit entry', () => {
  it('is the SHA-256 of its canonical JSON', () => {
    // By Python's hashlib, over the members in the order of RFC 8785 without white space.
    expect(chainHash(record)).toBe('28ba7536a3ed64b58f64c03d974bfa591eb97c496b41e9efaf9ec153d96b5487');
  });

  it('changes with each of its members', () => {
    const others: { [Member in keyof AuditRecord]: AuditRecord[Member] } = {
      stream: 'brd_b',
      seq: '2',
      at: '2026-11-20T12:00:00.001Z',
      actor: 'key_b',
      actingFor: 'brd_a',
      action: 'release.burned',
      resource: 'rel_b',
      details: { kind: 'audience-size', nanoRho: 50_001 },
      previousHash: 'f'.repeat(64),
    };
    const hashes = Object.entries(others).map(([member, value]) => chainHash({ ...record, [member]: value }));
    expect(new Set([chainHash(record), ...hashes]).size).toBe(10);
  });

  it('does not depend on the order of members, nor on members that are not part of the record', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })), (details) => {
        const turned = Object.fromEntries(Object.entries(details).toReversed());
        const stored = { hash: 'x', ...record, details: turned as AuditRecord['details'] };
        expect(chainHash(stored)).toBe(chainHash({ ...record, details: details as AuditRecord['details'] }));
      }),
    );
  });
});
