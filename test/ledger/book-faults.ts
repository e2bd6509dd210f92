import type { BookedAdjustment, BookedCharge, Books } from './books.ts';

const CHARGE_OF = {
  reserved: 'reserved',
  running: 'reserved',
  committed: 'committed',
  burned: 'committed',
  refunded: 'refunded',
} as const;

const YEAR_MS = 365 * 86_400_000;

/**
 * What is wrong with the books, in words; empty when all of this holds.
 *
 * - Each release is charged its price once to its country and its brand, perhaps to one campaign and to agencies, and
 *   to nobody else, in the state that its own state calls for.
 * - A day's sums are the sums of its entries; a budget's running totals are the sums of all that was ever made final.
 * - Final charges of a country are numbered, each number once, none above the running total.
 * - No window of a budget holds more than its cap, but for entries made by hand.
 * - A question has one open or answered release.
 */
export function faultsOf(books: Books): string[] {
  return [
    ...chargeFaults(books),
    ...dayFaults(books),
    ...totalFaults(books),
    ...positionFaults(books),
    ...capFaults(books),
    ...keyFaults(books),
  ];
}

function chargeFaults({ releases, charges }: Books): string[] {
  const byRelease = Map.groupBy(charges, ({ releaseId }) => releaseId);
  return releases.flatMap((release) => {
    const its = byRelease.get(release.id) ?? [];
    const scopes = its.map(({ scope }) => scope);
    const owed = [`brand:${release.brandId}`, `global:${release.country}`];
    const others = scopes.filter((scope) => !owed.includes(scope));
    const right =
      owed.every((scope) => scopes.includes(scope)) &&
      others.every((scope) => /^(agency|campaign):/.test(scope)) &&
      others.filter((scope) => scope.startsWith('campaign:')).length <= 1 &&
      its.every(({ nanoRho, theta }) => nanoRho === release.nanoRho && theta === release.theta) &&
      its.every(({ state }) => state === CHARGE_OF[release.state]);
    const is = its.map(({ scope, nanoRho, state }) => `${scope} ${nanoRho} ${state}`);
    return right ? [] : [`${release.state} ${release.id} is charged ${is.join()}`];
  });
}

const sum = (entries: readonly { readonly nanoRho: bigint; readonly theta: bigint }[]): string => {
  const [nanoRho, theta] = entries.reduce(([a, b], entry) => [a + entry.nanoRho, b + entry.theta], [0n, 0n]);
  return `${nanoRho}/${theta}`;
};

const at = ({ scope, day }: { readonly scope: string; readonly day: string }): string => `${scope} on ${day}`;

function dayFaults({ charges, adjustments, days }: Books): string[] {
  const chargesAt = Map.groupBy(charges, at);
  const adjustmentsAt = Map.groupBy(adjustments, at);
  const known = new Set(days.map(at));
  const inState = (place: string, state: BookedCharge['state']): BookedCharge[] =>
    (chargesAt.get(place) ?? []).filter((charge) => charge.state === state);
  return [
    ...[...chargesAt.keys(), ...adjustmentsAt.keys()]
      .filter((place) => !known.has(place))
      .map((place) => `no ${place}`),
    ...days.flatMap((day) => {
      const place = at(day);
      const committed = sum([...inState(place, 'committed'), ...(adjustmentsAt.get(place) ?? [])]);
      const reserved = sum(inState(place, 'reserved'));
      return committed === `${day.committed}/${day.committedTheta}` &&
        reserved === `${day.reserved}/${day.reservedTheta}`
        ? []
        : [`${place} has ${day.committed} and ${day.reserved}, its entries are ${committed} and ${reserved}`];
    }),
  ];
}

/** How many charges a restored entry stands for is in no entry. */
function totalFaults({ charges, adjustments, scopes }: Books): string[] {
  return scopes.flatMap(({ id, settledCharges, settledNanoRho, settledTheta }) => {
    const final = [
      ...charges.filter(({ scope, state }) => scope === id && state === 'committed'),
      ...adjustments.filter(({ scope, kind }) => scope === id && kind === 'charge'),
    ];
    const restored = adjustments.filter(({ scope, kind }) => scope === id && kind === 'restore');
    const counted = restored.length > 0 ? settledCharges >= final.length : settledCharges === BigInt(final.length);
    return counted && sum([...final, ...restored]) === `${settledNanoRho}/${settledTheta}`
      ? []
      : [
          `${id} has settled ${settledCharges} of ${settledNanoRho}/${settledTheta}, not ${sum([...final, ...restored])}`,
        ];
  });
}

function positionFaults({ releases, scopes }: Books): string[] {
  const totals = new Map(scopes.map(({ id, settledCharges }) => [id, settledCharges]));
  const taken = new Set<string>();
  return releases.flatMap(({ id, country, state, position }) => {
    if ((position !== null) !== (state === 'committed' || state === 'burned'))
      return [`${state} ${id} is at ${position}`];
    if (position === null) return [];
    const place = `${country} ${position}`;
    const free = !taken.has(place) && position >= 1n && position <= (totals.get(`global:${country}`) ?? 0n);
    taken.add(place);
    return free ? [] : [`${id} has a number of another or of none: ${place}`];
  });
}

const passed = (cap: bigint | null, total: bigint): boolean => cap !== null && total > cap;

/** A charge by hand, or of what was forgotten, may pass a cap; a credit makes room. */
function capFaults({ charges, adjustments, scopes }: Books): string[] {
  const limited = scopes.filter(({ overcommitted }) => !overcommitted);
  return limited.flatMap(({ id, monthCap, yearCap, totalCap }) => {
    const held: (BookedCharge | BookedAdjustment)[] = [
      ...charges.filter(({ scope, state }) => scope === id && state !== 'refunded'),
      ...adjustments.filter(({ scope, kind }) => scope === id && kind === 'credit'),
    ];
    const within = (has: (day: string) => boolean): bigint =>
      held.filter(({ day }) => has(day)).reduce((total, entry) => total + entry.nanoRho, 0n);
    const ever = within(() => true);
    return [
      ...(passed(totalCap, ever) ? [`${id} has ${ever} in all, above ${totalCap}`] : []),
      ...[...new Set(held.map(({ day }) => day))].flatMap((last) => {
        const year = within((day) => day <= last && Date.parse(day) > Date.parse(last) - YEAR_MS);
        const month = within((day) => day.slice(0, 7) === last.slice(0, 7));
        return [
          ...(passed(monthCap, month) ? [`${id} has ${month} in the month of ${last}, above ${monthCap}`] : []),
          ...(passed(yearCap, year) ? [`${id} has ${year} in the 365 days to ${last}, above ${yearCap}`] : []),
        ];
      }),
    ];
  });
}

function keyFaults({ releases }: Books): string[] {
  const live = releases.filter(({ state }) => ['reserved', 'running', 'committed'].includes(state));
  const keys = live.map(({ releaseKey }) => releaseKey);
  return keys.length === new Set(keys).size ? [] : ['a question has two live releases'];
}
