import { DomainError } from '#core';
import type { ContributionBounds } from '#core';
import { MEMBERS_MAX, checkBounds } from './bounds.ts';

const BOUNDS: ContributionBounds = { rows: 5n, rowCents: 4500n, memberCents: 4500n, rowUnits: 10n, memberUnits: 15n };
const INT64_MAX = 2n ** 63n - 1n;

function refusal(bounds: ContributionBounds, members?: bigint): string | undefined {
  try {
    checkBounds(bounds, members);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'privacy-parameter') return error.text.public;
    throw error;
  }
  return undefined;
}

describe('checkBounds', () => {
  it('takes the usual bounds', () => {
    expect(refusal(BOUNDS)).toBeUndefined();
  });

  it.each(Object.keys(BOUNDS))('refuses %s below 1', (name) => {
    expect(refusal({ ...BOUNDS, [name]: 1n })).toBeUndefined();
    expect(refusal({ ...BOUNDS, [name]: 0n })).toBe('the contribution bounds must be at least 1');
    expect(refusal({ ...BOUNDS, [name]: -1n })).toBe('the contribution bounds must be at least 1');
  });

  it.each([
    ['cents', 'rowCents'],
    ['units', 'rowUnits'],
  ])('refuses rows whose %s together pass the 64-bit integers', (unit, name) => {
    expect(refusal({ ...BOUNDS, rows: 7n, [name]: INT64_MAX / 7n })).toBeUndefined();
    expect(refusal({ ...BOUNDS, rows: 8n, [name]: INT64_MAX / 7n })).toBe(
      `the contribution bounds must keep every sum of ${unit} below 2^63`,
    );
    expect(refusal({ ...BOUNDS, rows: 2n ** 62n, [name]: 2n })).toBeDefined();
  });

  it.each([
    ['cents', 'memberCents'],
    ['units', 'memberUnits'],
  ])('refuses members whose %s together pass the 64-bit integers', (unit, name) => {
    const most = INT64_MAX / MEMBERS_MAX;
    expect(refusal({ ...BOUNDS, [name]: most })).toBeUndefined();
    expect(refusal({ ...BOUNDS, [name]: most + 1n })).toBe(
      `the contribution bounds must keep every sum of ${unit} below 2^63`,
    );
  });

  it('takes as large a cap as the number of members leaves room for', () => {
    expect(refusal({ ...BOUNDS, memberCents: INT64_MAX / 1000n }, 1000n)).toBeUndefined();
    expect(refusal({ ...BOUNDS, memberCents: INT64_MAX / 1000n }, 1001n)).toBeDefined();
    expect(refusal({ ...BOUNDS, memberCents: INT64_MAX }, 1n)).toBeUndefined();
  });
});
