import { MovableClock } from '#core';
import { Recent } from './recent.ts';

describe('Recent', () => {
  const clock = new MovableClock('2026-01-01T00:00:00Z');

  it('answers from memory until the time is over, and then loads again', async () => {
    const recent = new Recent<number>(clock, 500, 10);
    expect(await recent.get('a', async () => 1)).toBe(1);
    clock.move(499);
    expect(await recent.get('a', async () => 2)).toBe(1);
    clock.move(1);
    expect(await recent.get('a', async () => 3)).toBe(3);
  });

  it('takes a clock that was set back for a reason to load again', async () => {
    const recent = new Recent<number>(clock, 500, 10);
    await recent.get('a', async () => 1);
    clock.move(-10_000);
    expect(await recent.get('a', async () => 2)).toBe(2);
  });

  it('shares one load among calls that come together', async () => {
    const recent = new Recent<object>(clock, 500, 10);
    const [first, second] = await Promise.all([recent.get('a', async () => ({})), recent.get('a', async () => ({}))]);
    expect(second).toBe(first);
  });

  it('remembers neither absence nor failure', async () => {
    const recent = new Recent<number>(clock, 500, 10);
    expect(await recent.get('a', async () => null)).toBeNull();
    await expect(recent.get('a', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(await recent.get('a', async () => 1)).toBe(1);
  });

  it('forgets when told, and the oldest when full', async () => {
    const recent = new Recent<number>(clock, 500, 2);
    for (const key of ['a', 'b', 'c']) await recent.get(key, async () => 1);
    expect(await recent.get('c', async () => 2)).toBe(1);
    expect(await recent.get('a', async () => 2)).toBe(2);
    recent.forget('c');
    expect(await recent.get('c', async () => 3)).toBe(3);
  });
});
