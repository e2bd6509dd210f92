import { inspect } from 'node:util';

// Set by the classes below, which alone can see their private fields; no property of them leads here.
let read: (count: RawCount) => bigint;
let readAll: (vector: RawVector) => readonly bigint[];

/**
 * An exact number about members, on its way from the warehouse to the noise.
 *
 * It cannot be read by accident: the value sits in a private field, so spread, `structuredClone` and `Object.keys`
 * see an empty object; JSON, template text, comparison and arithmetic throw; consoles and loggers print
 * `RawCount(hidden)`. Only `openRaw` reads it, and the architecture rules let `libs/privacy` alone import this file.
 */
export class RawCount {
  readonly #members: bigint;

  /** @param members exact count, members, ≥ 0. */
  constructor(members: bigint) {
    if (members < 0n) throw new RangeError('a raw count is not negative');
    this.#members = members;
  }

  /** @throws TypeError always: a raw count has no serial form. */
  toJSON(): never {
    throw new TypeError('a RawCount cannot be serialised');
  }

  /** @throws TypeError always: a raw count has no primitive form. */
  [Symbol.toPrimitive](): never {
    throw new TypeError('a RawCount cannot be compared, added or printed');
  }

  [inspect.custom](): string {
    return 'RawCount(hidden)';
  }

  static {
    read = (count: RawCount): bigint => count.#members;
  }
}

/**
 * Exact numbers about members, one for each coordinate of a public grid, closed like {@link RawCount}. Sums of money may
 * be negative. The length is public: it is that of the grid and never depends on rows.
 */
export class RawVector {
  readonly #values: readonly bigint[];

  /** @param values exact integers in the order of the grid: counts of members, units or cents. */
  constructor(values: readonly bigint[]) {
    this.#values = [...values];
  }

  /** Coordinates of the grid. */
  get length(): number {
    return this.#values.length;
  }

  /** @throws TypeError always: a raw vector has no serial form. */
  toJSON(): never {
    throw new TypeError('a RawVector cannot be serialised');
  }

  /** @throws TypeError always: a raw vector has no primitive form. */
  [Symbol.toPrimitive](): never {
    throw new TypeError('a RawVector cannot be compared, added or printed');
  }

  [inspect.custom](): string {
    return `RawVector(${this.length} hidden)`;
  }

  static {
    readAll = (vector: RawVector): readonly bigint[] => vector.#values;
  }
}

/** The one way to the exact value. Not part of `#core`: only the noise mechanism may import this file. */
export const openRaw = (count: RawCount): bigint => read(count);

/** The one way to the exact values, in the order of the grid. As closed as {@link openRaw}. */
export const openRawVector = (vector: RawVector): readonly bigint[] => readAll(vector);
