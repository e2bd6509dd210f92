import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { DomainError, MovableClock } from '#core';
import type { Json } from '#core';
import { CURSOR_TTL_MS, CursorSealer } from './cursor.ts';
import { toPage } from './page.ts';

const secret = randomBytes(32);
const sealerAt = (clock = new MovableClock('2026-03-01T00:00:00Z')): CursorSealer => new CursorSealer(secret, clock);
const position = fc.record({ sortKey: fc.string({ maxLength: 60 }), id: fc.string({ maxLength: 40 }) });
const filter = fc.dictionary(fc.string({ maxLength: 8 }), fc.oneof(fc.string(), fc.integer()), {
  maxKeys: 4,
}) as fc.Arbitrary<Json>;

function refusalOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
  return 'taken';
}

describe('CursorSealer', () => {
  it('opens what it sealed, for the same filter', () => {
    fc.assert(
      fc.property(position, filter, (place, by) => {
        const sealer = sealerAt();
        expect(sealer.open(sealer.seal(place, by), by)).toEqual(place);
      }),
    );
  });

  it('refuses a cursor with any character changed, cut or added', () => {
    const sealer = sealerAt();
    fc.assert(
      fc.property(position, fc.nat(), fc.constantFrom(...'ABCwxyz019-_=+/ .'.split('')), (place, at, sign) => {
        const token = sealer.seal(place, 'f');
        const i = at % token.length;
        const changed = token.slice(0, i) + sign + token.slice(i + 1);
        expect(refusalOf(() => sealer.open(changed, 'f'))).toBe(changed === token ? 'taken' : 'cursor-invalid');
        expect(refusalOf(() => sealer.open(token.slice(0, i), 'f'))).toBe('cursor-invalid');
        expect(refusalOf(() => sealer.open(token + sign, 'f'))).toBe('cursor-invalid');
      }),
      { numRuns: 500 },
    );
  });

  it('refuses a cursor of another filter, and of another secret', () => {
    fc.assert(
      fc.property(position, filter, filter, (place, one, other) => {
        fc.pre(JSON.stringify(one) !== JSON.stringify(other));
        const token = sealerAt().seal(place, { one });
        expect(refusalOf(() => sealerAt().open(token, { other }))).toBe('cursor-invalid');
        const foreign = new CursorSealer(randomBytes(32), new MovableClock(0));
        expect(refusalOf(() => foreign.open(token, { one }))).toBe('cursor-invalid');
      }),
    );
  });

  it('refuses any text it did not make', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.string({ maxLength: 5_000 })), (text) => {
        expect(refusalOf(() => sealerAt().open(text, 'f'))).toBe('cursor-invalid');
      }),
    );
  });

  it('ends at its expiry, to the millisecond', () => {
    const clock = new MovableClock('2026-03-01T00:00:00Z');
    const sealer = sealerAt(clock);
    const token = sealer.seal({ sortKey: 'a', id: 'b' }, 'f');
    clock.move(CURSOR_TTL_MS - 1);
    expect(refusalOf(() => sealer.open(token, 'f'))).toBe('taken');
    clock.move(1);
    expect(refusalOf(() => sealer.open(token, 'f'))).toBe('cursor-invalid');
  });

  it('shows nothing of its content and never the same text twice', () => {
    const sealer = sealerAt();
    const token = sealer.seal({ sortKey: 'canary-key', id: 'canary-id' }, 'f');
    expect(Buffer.from(token, 'base64url').toString('latin1')).not.toContain('canary');
    expect(sealer.seal({ sortKey: 'canary-key', id: 'canary-id' }, 'f')).not.toBe(token);
  });

  it('needs 32 bytes of secret', () => {
    expect(() => new CursorSealer(Buffer.alloc(16), new MovableClock(0))).toThrow(RangeError);
  });
});

describe('toPage', () => {
  it('walks every row once, in order, also while rows are inserted before the place', () => {
    const number = fc.integer({ min: 0, max: 10_000 });
    fc.assert(
      fc.property(
        fc.uniqueArray(number),
        fc.uniqueArray(number, { maxLength: 30 }),
        fc.integer({ min: 1, max: 7 }),
        (first, late, limit) => {
          const sealer = sealerAt();
          const rows = new Set(first);
          const seen: number[] = [];
          let cursor: string | null = null;
          let after = -1;
          do {
            const ordered: number[] = [...rows].filter((row) => row > after).toSorted((a, b) => a - b);
            const page: { data: readonly number[]; nextCursor: string | null } = toPage(ordered.slice(0, limit + 1), {
              limit,
              sealer,
              filter: 'all',
              position: (row: number) => ({ sortKey: String(row), id: '' }),
              item: (row: number) => row,
            });
            seen.push(...page.data);
            cursor = page.nextCursor;
            if (cursor !== null) after = Number(sealer.open(cursor, 'all').sortKey);
            const inserted = late.pop();
            if (inserted !== undefined) rows.add(inserted);
          } while (cursor !== null);
          expect(seen).toEqual([...new Set(seen)].toSorted((a, b) => a - b));
          expect(first.every((row) => seen.includes(row))).toBe(true);
        },
      ),
    );
  });
});
