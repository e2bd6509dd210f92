import type { AttackedService } from './attacked-service.ts';
import type { Coins } from './coins.ts';
import { ELSEWHERE, inRegions } from './segments.ts';

/** A slice the attacker expects to be shown: the noise would have to be four deviations off to hide it. */
const LARGE = 1_900;

/** Partitions of the crowd's regions into groups, each large enough to be shown. */
export class Partitions {
  readonly #sizes: ReadonlyMap<string, number>;
  readonly #coins: Coins;

  private constructor(sizes: ReadonlyMap<string, number>, coins: Coins) {
    this.#sizes = sizes;
    this.#coins = coins;
  }

  static async of(service: AttackedService, coins: Coins): Promise<Partitions> {
    const sizes = new Map<string, number>();
    for (const code of ELSEWHERE) sizes.set(code, await service.known(inRegions([code])));
    return new Partitions(sizes, coins);
  }

  /** A random partition into so many slices. */
  next(slices: number): string[][] {
    for (;;) {
      const groups = Array.from({ length: slices }, (): string[] => []);
      for (const code of ELSEWHERE) groups[this.#coins.below(slices)]?.push(code);
      if (groups.every((group) => this.#sizeOf(group) >= LARGE)) return groups;
    }
  }

  #sizeOf(group: readonly string[]): number {
    return group.reduce((sum, code) => sum + (this.#sizes.get(code) ?? 0), 0);
  }
}
