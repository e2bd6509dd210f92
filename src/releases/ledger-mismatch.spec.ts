import fc from 'fast-check';
import { NOTHING_SETTLED, plus, reaches } from './high-water-mark.ts';
import type { HighWaterMark, SettledTotals } from './high-water-mark.ts';
import {
  dueTotals,
  foreignTotals,
  forgotten,
  markedScopes,
  mismatchReasons,
  settledIn,
  summed,
} from './ledger-mismatch.ts';
import type { Sighting } from './ledger-mismatch.ts';

type Scopes = Readonly<Record<string, SettledTotals>>;

const settled = (charges: number, nanoRho = 50 * charges, quectoTheta = 0): SettledTotals => ({
  charges: BigInt(charges),
  nanoRho: BigInt(nanoRho),
  quectoTheta: BigInt(quectoTheta),
});

const mark = (scopes: Scopes, more: Partial<HighWaterMark> = {}): HighWaterMark => ({
  ledgerId: 'led_here',
  totals: new Map(Object.entries(scopes)),
  writtenAt: 0,
  exchanged: false,
  ...more,
});

const foreign = (scopes: Scopes, ledgerId = 'led_there'): HighWaterMark => mark(scopes, { ledgerId });

const sighting = (has: Scopes, marks: readonly HighWaterMark[], more: Partial<Sighting> = {}): Sighting => ({
  ledger: { ledgerId: 'led_here', markedAt: null, scopes: new Map(Object.entries(has)) },
  marks,
  faults: [],
  expected: false,
  ...more,
});

const FR = 'global:FR';
const EXPECTED = { expected: true };
const BROKEN = { faults: [{ name: 'b.mark', fault: 'it is not JSON' }] };
const ALL_WRONG = [mark({ [FR]: settled(1) }), foreign({})];

describe('database and marks', () => {
  it.each<[string, Sighting]>([
    ['nothing was ever marked', sighting({}, [])],
    ['nothing was ever marked of a database with charges', sighting({ [FR]: settled(3) }, [])],
    ['the mark is what the database has', sighting({ [FR]: settled(3) }, [mark({ [FR]: settled(3) })], EXPECTED)],
    ['the database has more', sighting({ [FR]: settled(4), 'brand:b': settled(1) }, [mark({ [FR]: settled(3) })])],
    ['the mark is empty', sighting({}, [mark({})], EXPECTED)],
  ])('agree when %s', (_, seen) => {
    expect(mismatchReasons(seen)).toEqual([]);
    expect(summed(forgotten(seen, []), foreignTotals(seen))).toEqual([]);
  });

  it.each<[string, string[], Sighting]>([
    ['charges are fewer', ['LEDGER_BEHIND'], sighting({ [FR]: settled(2, 150) }, [mark({ [FR]: settled(3) })])],
    ['amounts are lower', ['LEDGER_BEHIND'], sighting({ [FR]: settled(4, 149) }, [mark({ [FR]: settled(3) })])],
    ['theta is lower', ['LEDGER_BEHIND'], sighting({ [FR]: settled(3) }, [mark({ [FR]: settled(3, 150, 1) })])],
    ['a budget is not there', ['LEDGER_BEHIND'], sighting({ [FR]: settled(3) }, [mark({ 'brand:b': settled(1) })])],
    [
      'one of two marks is higher',
      ['LEDGER_BEHIND'],
      sighting({ [FR]: settled(3) }, [mark({}), mark({ [FR]: settled(4) })]),
    ],
    ['it was exchanged', ['LEDGER_BEHIND'], sighting({ [FR]: settled(3) }, [mark({}, { exchanged: true })])],
    ['a mark must be there and is not', ['MARK_LOST'], sighting({ [FR]: settled(3) }, [], EXPECTED)],
    ['the only mark cannot be read', ['MARK_UNREADABLE'], sighting({}, [], { ...BROKEN, ...EXPECTED })],
    ['one of two marks cannot be read', ['MARK_UNREADABLE'], sighting({}, [mark({})], BROKEN)],
    ['the mark is of another ledger', ['OTHER_LEDGER'], sighting({}, [foreign({ [FR]: settled(3) })])],
    [
      'another ledger’s mark is in the place of ours',
      ['OTHER_LEDGER', 'MARK_LOST'],
      sighting({}, [foreign({})], EXPECTED),
    ],
    ['everything is wrong', ['OTHER_LEDGER', 'MARK_UNREADABLE', 'LEDGER_BEHIND'], sighting({}, ALL_WRONG, BROKEN)],
  ])('differ when %s', (_, reasons, seen) => {
    expect(mismatchReasons(seen)).toEqual(reasons);
  });
});

describe('what is forgotten', () => {
  it('is the mark less the totals, as if nothing had been settled since the mark', () => {
    const seen = sighting({ [FR]: settled(9), 'brand:b': settled(3) }, [
      mark({ [FR]: settled(10), 'brand:b': settled(3) }),
    ]);
    expect(markedScopes(seen).map(({ id }) => id)).toEqual([FR, 'brand:b']);
    expect(forgotten(seen, [])).toEqual([{ scopeId: FR, missing: settled(1) }]);
    // Two of the nine came after the restore: of the ten that were marked the database has seven.
    expect(forgotten(seen, [settled(2), settled(0)])).toEqual([{ scopeId: FR, missing: settled(3) }]);
  });

  it('is what any of the marks lacks, though a later one is reached by what came after', () => {
    const before = mark({ [FR]: settled(10) }, { writtenAt: 1, exchanged: true });
    const after = mark({ [FR]: settled(27) }, { writtenAt: 2 });
    const seen = sighting({ [FR]: settled(27) }, [after, before]);
    expect(markedScopes(seen)).toEqual([
      { id: FR, at: 2 },
      { id: FR, at: 1 },
    ]);
    expect(forgotten(seen, [settled(0), settled(20)])).toEqual([{ scopeId: FR, missing: settled(3) }]);
  });

  it('of other ledgers is all of it, once for each ledger however many marks it has', () => {
    const there = [foreign({ [FR]: settled(2) }), foreign({ [FR]: settled(3) })];
    const seen = sighting({ [FR]: settled(100) }, [...there, foreign({ [FR]: settled(10) }, 'led_elsewhere')]);
    expect(foreignTotals(seen)).toEqual([{ scopeId: FR, missing: settled(13) }]);
  });

  it('together with the totals reaches every mark and all that was settled since', () => {
    const part = fc.bigInt(0n, 9n);
    const some = fc.record({ charges: part, nanoRho: part, quectoTheta: part });
    const scopes = fc.dictionary(fc.constantFrom(FR, 'brand:b', 'brand:c'), some);
    const property = fc.property(scopes, scopes, fc.array(scopes), (before, since, marked) => {
      const ids = [...new Set([...Object.keys(before), ...Object.keys(since)])];
      const later = (id: string): SettledTotals => since[id] ?? NOTHING_SETTLED;
      const has = Object.fromEntries(ids.map((id) => [id, plus(before[id] ?? NOTHING_SETTLED, later(id))]));
      const marks = marked.map((each) => mark(each));
      const seen = sighting(has, marks);
      const lacks = forgotten(
        seen,
        markedScopes(seen).map(({ id }) => later(id)),
      );
      const after = sighting(Object.fromEntries(dueTotals(seen.ledger, lacks)), marks);
      expect(mismatchReasons(after)).toEqual([]);
      for (const [id, totals] of marks.flatMap((each) => [...each.totals])) {
        expect(reaches(settledIn(after.ledger, id), plus(totals, later(id)))).toBe(true);
      }
      for (const id of ids) expect(reaches(settledIn(after.ledger, id), settledIn(seen.ledger, id))).toBe(true);
    });
    fc.assert(property, { numRuns: 500, seed: 20_261_120 });
  });
});
