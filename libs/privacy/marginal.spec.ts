import type { ContributionBounds } from '#core';
import fc from 'fast-check';
import { DEFAULT_BOUNDS } from './contribution-bounds.ts';
import { sensitivitySquared } from './marginal.ts';
import type { GridMarginal, Key } from './marginal.ts';
import { squareRootColumn } from './sqrt-matrix.ts';
import { bounded, contribution, normSquared } from './testing-contributions.ts';
import type { Row } from './testing-contributions.ts';

const grid = (kind: GridMarginal['kind'], keys: readonly Key[], coordinates: number): GridMarginal => ({
  kind,
  keys,
  coordinates,
});
const within = (rows: bigint, perRow: bigint, perMember: bigint): ContributionBounds => ({
  rows,
  rowCents: perRow,
  memberCents: perMember,
  rowUnits: perRow,
  memberUnits: perMember,
});
const nameOf = ({ kind, keys }: GridMarginal): string => `${kind} by ${keys.join(' × ') || 'nothing'}`;
const largest = (values: readonly bigint[]): bigint =>
  values.reduce((most, value) => (value > most ? value : most), 0n);

const INGEST_DAYS = [3, 4, 5];
// Event days 1 to 5 in three weeks, two channels.
const MARGINALS: readonly GridMarginal[] = [
  grid('members', [], 1),
  grid('members', ['channel'], 2),
  grid('members', ['week'], 3),
  grid('members', ['event-day'], 5),
  grid('members', ['event-day', 'channel'], 10),
  grid('members', ['ingest-day', 'direction', 'channel'], 12),
  grid('partition', ['week', 'channel'], 6),
  ...(['money', 'units'] as const).flatMap((kind) => [
    grid(kind, [], 1),
    grid(kind, ['channel'], 2),
    grid(kind, ['week'], 3),
    grid(kind, ['week', 'match'], 6),
    grid(kind, ['event-day', 'direction', 'channel'], 20),
    grid(kind, ['ingest-day', 'direction'], 6),
    grid(kind, ['ingest-day', 'direction', 'channel', 'match'], 24),
  ]),
];
const BOUNDS = [within(1n, 3n, 3n), within(2n, 3n, 6n), within(3n, 3n, 9n), within(3n, 3n, 7n), within(3n, 3n, 2n)];

/** Every member of the model: in each of four slots no row, or one of any event day, channel and one of two values. */
function everyMember(): Row[][] {
  const slots = [...INGEST_DAYS.map((day) => [day, 'sale'] as const), [INGEST_DAYS[0]!, 'return'] as const];
  let members: Row[][] = [[]];
  for (const [ingestDay, direction] of slots) {
    const rows = [0, 1, 2].flatMap((lag) =>
      [0, 1].flatMap((channel) =>
        [1n, 3n].map((cents): Row => ({
          ingestDay,
          direction,
          eventDay: ingestDay - lag,
          channel,
          cents,
          units: cents,
        })),
      ),
    );
    members = members.flatMap((member) => [member, ...rows.map((row) => [...member, row])]);
  }
  return members;
}

const EVERY_MEMBER = everyMember();

/** What their bounded rows can be; each once. */
function everyBounded(bounds: ContributionBounds): Row[][] {
  const kept = EVERY_MEMBER.map((rows) => bounded(rows, bounds));
  return [...new Map(kept.map((rows) => [rows.map((row) => Object.values(row).join(' ')).join(), rows])).values()];
}

describe('sensitivitySquared, by trying all 28,561 members of a small model', () => {
  describe.each(BOUNDS)('bound to $rows rows of $rowCents cents, $memberCents in all', (bounds) => {
    const members = everyBounded(bounds);

    it.each(MARGINALS.map((marginal) => [nameOf(marginal), marginal] as const))(
      'is the exact maximum for %s',
      (_, marginal) => {
        const norms = members.map((rows) => normSquared(contribution(marginal, rows)));
        expect(largest(norms)).toBe(sensitivitySquared(marginal, bounds));
      },
    );
  });

  // The rule for rows that never meet, where they do: the error that this module exists to prevent.
  it.each([
    ['week', 3],
    ['channel', 2],
    ['event-day', 5],
  ] as const)('rows × row² is broken by a member for money by %s', (key, coordinates) => {
    const bounds = within(3n, 3n, 9n);
    const marginal = grid('money', [key], coordinates);
    const norms = EVERY_MEMBER.map((rows) => normSquared(contribution(marginal, bounded(rows, bounds))));
    expect(largest(norms)).toBeGreaterThan(bounds.rows * bounds.rowCents ** 2n);
  });

  it('is broken by the same members without their bounds', () => {
    const bounds = within(2n, 1n, 2n);
    for (const marginal of MARGINALS.filter(({ kind }) => kind === 'money')) {
      const norms = EVERY_MEMBER.map((rows) => normSquared(contribution(marginal, rows)));
      expect(largest(norms)).toBeGreaterThan(sensitivitySquared(marginal, bounds));
    }
  });
});

describe('sensitivitySquared', () => {
  const anyBounds = fc.record({
    rows: fc.bigInt({ min: 1n, max: 8n }),
    rowCents: fc.bigInt({ min: 1n, max: 5000n }),
    memberCents: fc.bigInt({ min: 1n, max: 20_000n }),
    rowUnits: fc.bigInt({ min: 1n, max: 12n }),
    memberUnits: fc.bigInt({ min: 1n, max: 30n }),
  });
  const anyRow: fc.Arbitrary<Row> = fc.record({
    ingestDay: fc.integer({ min: 7, max: 14 }),
    direction: fc.constantFrom('sale', 'return'),
    // Half of them of one event day, so that rows meet.
    eventDay: fc.oneof(fc.constant(7), fc.integer({ min: 0, max: 14 })),
    channel: fc.integer({ min: 0, max: 4 }),
    cents: fc.bigInt({ min: 0n, max: 8000n }),
    units: fc.bigInt({ min: 0n, max: 20n }),
  });
  const anyMember = fc.uniqueArray(anyRow, {
    maxLength: 16,
    selector: ({ ingestDay, direction }) => `${ingestDay} ${direction}`,
  });

  it('is exceeded by no member, whatever the bounds and the grain (2,000 random members)', () => {
    fc.assert(
      fc.property(anyMember, anyBounds, (rows, bounds) => {
        const kept = bounded(rows, bounds);
        for (const marginal of MARGINALS) {
          // As many coordinates as this model's rows can have.
          const wide = { ...marginal, coordinates: marginal.keys.length === 0 ? 1 : 1000 };
          expect(normSquared(contribution(wide, kept))).toBeLessThanOrEqual(sensitivitySquared(wide, bounds));
        }
      }),
      { seed: 211, numRuns: 2000 },
    );
  });

  it('of money and units does not depend on the grain where rows can meet', () => {
    const grains = MARGINALS.filter(({ keys }) => !keys.includes('ingest-day'));
    const of = (kind: string): bigint[] =>
      grains
        .filter((marginal) => marginal.kind === kind)
        .map((marginal) => sensitivitySquared(marginal, DEFAULT_BOUNDS));
    expect(new Set(of('money'))).toEqual(new Set([4500n ** 2n]));
    expect(new Set(of('units'))).toEqual(new Set([15n ** 2n]));
  });

  it('takes rows to be apart only with both the ingest day and the direction: a sale and a return share a day', () => {
    const bounds = within(5n, 20n, 100n);
    const of = (keys: readonly Key[]): bigint => sensitivitySquared(grid('money', keys, 60), bounds);
    expect(of(['ingest-day', 'direction'])).toBe(5n * 20n ** 2n);
    expect(of(['channel', 'direction', 'ingest-day'])).toBe(5n * 20n ** 2n);
    expect(of(['ingest-day', 'channel'])).toBe(100n ** 2n);
    expect(of(['direction', 'event-day'])).toBe(100n ** 2n);
  });

  it.each([
    [5, 5n],
    [7, 5n],
    [3, 3n],
    [1, 1n],
  ])('of distinct members on %d coordinates with five rows is %s', (coordinates, squared) => {
    expect(sensitivitySquared(grid('members', ['week'], coordinates), DEFAULT_BOUNDS)).toBe(squared);
  });

  it('of curves is attained by the member who enters all of them on the worst days, and exceeded by none', () => {
    const horizon = 4;
    const entries = squareRootColumn(horizon);
    // What entering on a day adds to the released days: that column of the lower triangular matrix; never: nothing.
    const columns = [0, 1, 2, 3, 4].map((day) => entries.slice(0, horizon - day));
    const norms = columns.map((column) => column.reduce((sum, entry) => sum + entry * entry, 0n));
    const all = norms.flatMap((a) => norms.flatMap((b) => norms.map((c) => a + b + c)));
    expect(largest(all)).toBe(sensitivitySquared({ kind: 'curves', curves: 3n, horizon }, DEFAULT_BOUNDS));
  });

  it.each([
    ['no rows', grid('money', [], 1), { rows: 0n }],
    ['a negative cap', grid('units', [], 1), { memberUnits: -1n }],
    ['a cap of 0 that the marginal does not read', grid('members', [], 1), { memberCents: 0n }],
    ['no coordinates', grid('partition', [], 0), {}],
    ['half a coordinate', grid('members', [], 1.5), {}],
    ['endless coordinates', grid('members', [], Infinity), {}],
    ['no curves', { kind: 'curves', curves: 0n, horizon: 30 }, {}],
    ['curves of no days', { kind: 'curves', curves: 1n, horizon: 0 }, {}],
  ] as const)('refuses %s', (_, marginal, fault) => {
    expect(() => sensitivitySquared(marginal, { ...DEFAULT_BOUNDS, ...fault })).toThrow(
      expect.objectContaining({ code: 'privacy-parameter' }),
    );
  });
});
