/** What a stream of draws is for. Two purposes with the same keys give independent streams. */
export const STREAM = { world: 1, member: 2, consent: 3, favourite: 4, month: 5 } as const;

export type Stream = (typeof STREAM)[keyof typeof STREAM];

const WARM_UP_ROUNDS = 12;
const UINT32 = 0x1_0000_0000;

/**
 * Pseudo-random draws by key: the same (seed, purpose, keys) gives the same stream, in any order and on any machine,
 * so a row can be made without making those before it. For invented data only, never for noise or secrets.
 *
 * The generator is sfc32 (Chris Doty-Humphrey, PractRand 0.93): 128 bits of state in 32-bit integer arithmetic.
 * The keys are its initial state and 12 rounds mix them, as its author prescribes.
 */
export class Draws {
  readonly #seed: number;
  #a = 0;
  #b = 0;
  #c = 0;
  #counter = 0;

  /** @param seed any 32-bit integer. */
  constructor(seed: number) {
    this.#seed = seed | 0;
  }

  /** Starts the stream of a purpose and two keys. @returns itself. */
  start(stream: Stream, key: number, subKey = 0): this {
    this.#a = this.#seed;
    this.#b = key | 0;
    this.#c = subKey | 0;
    this.#counter = stream;
    for (let round = 0; round < WARM_UP_ROUNDS; round++) this.next();
    return this;
  }

  /** The next integer, uniform in [0, 2³²). */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** The next number, uniform in [0, 1). */
  unit(): number {
    return this.next() / UINT32;
  }

  /** The next integer, uniform in [0, below). */
  below(below: number): number {
    return Math.floor(this.unit() * below);
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.unit() < probability;
  }
}
