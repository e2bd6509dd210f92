import { setImmediate } from 'node:timers/promises';
import { DomainError } from '#core';
import { AdmissionQueue } from './admission-queue.ts';

/** Work that ends when it is told to, and the order in which works began. */
class Works {
  readonly began: string[] = [];
  readonly #ends = new Map<string, () => void>();

  start(queue: AdmissionQueue, tenant: string, name: string, signal?: AbortSignal): Promise<string> {
    const work = async (): Promise<string> => {
      this.began.push(name);
      await new Promise<void>((resolve) => this.#ends.set(name, resolve));
      return name;
    };
    return queue.run(tenant, work, signal);
  }

  async end(name: string): Promise<void> {
    this.#ends.get(name)?.();
    await setImmediate();
  }

  /** Ends works in the order they begin until none runs. */
  async endAll(): Promise<void> {
    await setImmediate();
    for (let next = 0; next < this.began.length; next++) await this.end(this.began[next]!);
  }
}

const limits = { running: 1, waitingMax: 10, waitingPerTenantMax: 5 };

describe('AdmissionQueue', () => {
  it('runs at most as many at once as allowed', async () => {
    const queue = new AdmissionQueue({ ...limits, running: 2 });
    const works = new Works();
    const all = ['1', '2', '3'].map((name) => works.start(queue, 'a', name));
    await setImmediate();
    expect(works.began).toEqual(['1', '2']);
    expect(queue.load()).toEqual({ running: 2, waiting: 1 });
    await works.endAll();
    expect(await Promise.all(all)).toEqual(['1', '2', '3']);
    expect(queue.load()).toEqual({ running: 0, waiting: 0 });
  });

  it('serves a tenant in order, and tenants in turn however much one asks', async () => {
    const queue = new AdmissionQueue(limits);
    const works = new Works();
    const all = ['a0', 'a1', 'a2', 'a3', 'b1', 'b2', 'c1'].map((name) => works.start(queue, name[0]!, name));
    await works.endAll();
    await Promise.all(all);
    expect(works.began).toEqual(['a0', 'a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  });

  it("refuses a tenant whose queue is full, and still takes another's work", async () => {
    const queue = new AdmissionQueue({ ...limits, waitingPerTenantMax: 1 });
    const works = new Works();
    const all = ['a0', 'a1'].map((name) => works.start(queue, 'a', name));
    await expect(works.start(queue, 'a', 'a2')).rejects.toMatchObject({ code: 'warehouse-busy' });
    all.push(works.start(queue, 'b', 'b1'));
    await works.endAll();
    expect(await Promise.all(all)).toEqual(['a0', 'a1', 'b1']);
  });

  it('refuses everybody when the whole queue is full', async () => {
    const queue = new AdmissionQueue({ ...limits, waitingMax: 2 });
    const works = new Works();
    const all = ['a', 'b', 'c'].map((name) => works.start(queue, name, name));
    await expect(works.start(queue, 'd', 'd')).rejects.toMatchObject({ code: 'warehouse-busy' });
    await works.endAll();
    await Promise.all(all);
  });

  it('lets a caller leave the queue, and gives its place away', async () => {
    const queue = new AdmissionQueue(limits);
    const works = new Works();
    const caller = new AbortController();
    const all = [works.start(queue, 'a', 'a0')];
    const left = works.start(queue, 'b', 'b1', caller.signal);
    all.push(works.start(queue, 'c', 'c1'));
    caller.abort();
    await expect(left).rejects.toMatchObject({ code: 'warehouse-busy' });
    expect(queue.load()).toEqual({ running: 1, waiting: 1 });
    await works.endAll();
    await Promise.all(all);
    expect(works.began).toEqual(['a0', 'c1']);
    await expect(works.start(queue, 'b', 'b2', caller.signal)).rejects.toMatchObject({ code: 'warehouse-busy' });
  });

  it('goes on after work that fails', async () => {
    const queue = new AdmissionQueue(limits);
    const failing = queue.run('a', () => Promise.reject(new Error('planned')));
    const next = queue.run('a', () => Promise.resolve('done'));
    await expect(failing).rejects.toThrow('planned');
    expect(await next).toBe('done');
  });

  it('refuses what waits and what comes after close, and is idle when the last work ends', async () => {
    const queue = new AdmissionQueue(limits);
    const works = new Works();
    const running = works.start(queue, 'a', 'a0');
    const waiting = works.start(queue, 'a', 'a1');
    queue.close(new DomainError('warehouse-unavailable', { public: 'closed' }));
    await expect(waiting).rejects.toMatchObject({ code: 'warehouse-unavailable' });
    await expect(works.start(queue, 'b', 'b1')).rejects.toMatchObject({ code: 'warehouse-unavailable' });
    let idle = false;
    const ended = queue.idle().then(() => (idle = true));
    await setImmediate();
    expect(idle).toBe(false);
    await works.end('a0');
    await ended;
    expect(await running).toBe('a0');
  });
});
