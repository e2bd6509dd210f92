import { faultsOf } from './book-faults.ts';
import type { Books } from './books.ts';

const DAY = '2026-11-20';
const amount = { nanoRho: 50n, theta: 3n, day: DAY };
const charge = { ...amount, releaseId: 'rel_1', state: 'committed' } as const;

const scope = (id: string): Books['scopes'][number] => ({
  id,
  monthCap: 100n,
  yearCap: 100n,
  totalCap: null,
  overcommitted: false,
  settledCharges: 1n,
  settledNanoRho: 50n,
  settledTheta: 3n,
});

const day = (id: string): Books['days'][number] => ({
  scope: id,
  day: DAY,
  reserved: 0n,
  committed: 50n,
  reservedTheta: 0n,
  committedTheta: 3n,
});

const IDS = ['brand:brd_1', 'campaign:cmp_1', 'global:FR'];

/** One answered release, charged to its country, its brand and a campaign. */
const RIGHT: Books = {
  releases: [
    {
      ...amount,
      id: 'rel_1',
      releaseKey: 'k',
      brandId: 'brd_1',
      country: 'FR',
      state: 'committed',
      answer: '{}',
      position: 1n,
    },
  ],
  charges: IDS.map((id) => ({ ...charge, scope: id })),
  adjustments: [],
  days: IDS.map(day),
  scopes: IDS.map(scope),
};

/** The books with one entry of one list changed, or without it. */
const changed = <List extends keyof Books>(
  list: List,
  at: number,
  change: Partial<Books[List][number]> | null,
): Books => ({
  ...RIGHT,
  [list]: RIGHT[list].flatMap((entry, index) => {
    if (index !== at) return [entry];
    return change === null ? [] : [{ ...entry, ...change }];
  }),
});

it('books that are right have no fault', () => {
  expect(faultsOf(RIGHT)).toEqual([]);
});

it.each<[string, Books]>([
  ['an answer without a charge to its brand', changed('charges', 0, null)],
  ['an answer without a charge to its country', changed('charges', 2, null)],
  ['a charge to another brand', changed('charges', 1, { scope: 'brand:brd_2' })],
  ['a charge that is not the price', changed('charges', 1, { nanoRho: 49n })],
  ['a theta that is not the release’s', changed('charges', 2, { theta: 0n })],
  ['a charge that is still reserved', changed('charges', 2, { state: 'reserved' })],
  ['a failed release whose charge was given back', changed('charges', 2, { state: 'refunded' })],
  ['a refunded release whose charges stay', changed('releases', 0, { state: 'refunded', position: null })],
  ['a day that sums to less', changed('days', 2, { committed: 49n })],
  ['a day that holds something', changed('days', 2, { reserved: 1n })],
  ['a day whose theta is another', changed('days', 2, { committedTheta: 4n })],
  ['a charge on a day that is not there', changed('days', 2, null)],
  ['a running total that is less', changed('scopes', 2, { settledNanoRho: 49n })],
  ['a running number that is less', changed('scopes', 2, { settledCharges: 0n })],
  ['a running theta that is less', changed('scopes', 2, { settledTheta: 2n })],
  ['an answer without a number', changed('releases', 0, { position: null })],
  ['a number above the running total', changed('releases', 0, { position: 2n })],
  ['a number for an open release', changed('releases', 0, { state: 'running' })],
  ['a month above its cap', changed('scopes', 2, { monthCap: 49n })],
  ['a year above its cap', changed('scopes', 0, { yearCap: 49n })],
  ['a total above its cap', changed('scopes', 1, { totalCap: 49n })],
  ['an entry by hand that no day has', { ...RIGHT, adjustments: [{ ...amount, scope: 'global:FR', kind: 'charge' }] }],
])('books have a fault with %s', (_, books) => {
  expect(faultsOf(books)).not.toEqual([]);
});

it('books with two live releases of one question, or two of one number, have a fault', () => {
  const [first] = RIGHT.releases as [Books['releases'][number]];
  const twice = (more: object): Books => ({
    ...RIGHT,
    releases: [first, { ...first, id: 'rel_2', position: 2n, releaseKey: 'other', ...more }],
    charges: [...RIGHT.charges, ...RIGHT.charges.map((each) => ({ ...each, releaseId: 'rel_2' }))],
    days: RIGHT.days.map((each) => ({ ...each, committed: 100n, committedTheta: 6n })),
    scopes: RIGHT.scopes.map((each) => ({ ...each, settledCharges: 2n, settledNanoRho: 100n, settledTheta: 6n })),
  });
  expect(faultsOf(twice({}))).toEqual([]);
  expect(faultsOf(twice({ releaseKey: first.releaseKey }))).toEqual(['a question has two live releases']);
  expect(faultsOf(twice({ position: 1n }))).toHaveLength(1);
});
