import { MovableClock } from '#core';
import type { Warehouse } from '#warehouse';
import { seededRandom } from '../../libs/privacy/testing.ts';
import type { TestApplication } from '../harness/application.ts';
import { nameless } from './brand-view.ts';
import { Caller } from './client.ts';
import type { Problem } from './client.ts';
import { countedService } from './counted-retailer.ts';
import { narrowed } from './counting-warehouse.ts';
import { LINE_QUESTIONS, retailerWith } from './extreme-rows.ts';
import type { Extreme } from './extreme-rows.ts';
import { SteeredWarehouse } from './steered-warehouse.ts';

interface Side {
  readonly service: TestApplication;
  readonly brand: Caller;
  readonly warehouse: SteeredWarehouse;
}

const wrap = (inner: Warehouse): Warehouse => new SteeredWarehouse(inner);

async function openSide(extreme: Extreme | null): Promise<Side> {
  const clock = new MovableClock('2026-11-15T10:00:00.000Z');
  // Each verdict is five standard deviations from tipping over.
  const random = seededRandom('extreme');
  const service = await countedService({ name: 'extreme', retailer: retailerWith(extreme), wrap, clock, random });
  const warehouse = service.warehouse as SteeredWarehouse;
  return { service, brand: new Caller(service.url, service.keys.analyst), warehouse };
}

/** A sum of 32 bits. */
const NARROW =
  '(SELECT max(s) FROM (SELECT CAST(sum(net_cents) AS INTEGER) AS s FROM line GROUP BY member_id)) IS NOT NULL';

// The columns hold 32 and 64 bits, sums are wider, and no value is cast to a narrower type: so no value that the loader
// takes can break a count. What one member can do to an answer is to be counted in it or not.
describe.each(['largest', 'smallest'] as const)('a member with the %s value in every column', (extreme) => {
  let extremes: Side;
  let others: Side;

  beforeAll(async () => {
    [extremes, others] = [await openSide(extreme), await openSide(null)];
  }, 60_000);

  afterAll(() => Promise.all([extremes, others].map(({ service }) => service.close())));

  it.each(LINE_QUESTIONS)('changes the answer by one at most: %s', async (_, definition) => {
    const answers = [await extremes.brand.estimate(definition), await others.brand.estimate(definition)];
    const [one, other] = answers.map(nameless);
    expect(one?.status).toBe(200);
    expect(one).toEqual(other);
    const change = Number(extremes.warehouse.counted.at(-1)) - Number(others.warehouse.counted.at(-1));
    expect([0, 1]).toContain(change);
  });

  it('is counted where it belongs', () => {
    const changes = extremes.warehouse.counted.map((count, index) =>
      Number(count - (others.warehouse.counted[index] ?? 0n)),
    );
    expect(new Set(changes)).toEqual(new Set([0, 1]));
  });

  it('would have broken a narrower sum', async () => {
    const [, definition] = LINE_QUESTIONS[0] ?? [];
    if (definition === undefined) throw new RangeError('no questions');
    const codes: string[] = [];
    for (const { brand, warehouse } of [extremes, others]) {
      warehouse.next((count) => (statement, options) => count(narrowed(statement, NARROW), options));
      const { body } = await brand.estimate<Partial<Problem>>(definition, { precision: 'coarse' });
      codes.push(body.code ?? 'answered');
    }
    expect(codes).toEqual(['release-failed', 'answered']);
  });
});

it('what a column of daily sums cannot hold is refused when it is loaded, so that no question meets it', async () => {
  const { moreLines = '', ...largest } = retailerWith('largest');
  const twice = `${moreLines} UNION ALL ${moreLines}`;
  await expect(countedService({ name: 'refused', retailer: { ...largest, moreLines: twice } })).rejects.toThrow(
    /out of range|Conversion/i,
  );
});
