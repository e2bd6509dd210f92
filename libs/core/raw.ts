import { inspect } from 'node:util';

// Set by the class below, which alone can see its private field; no property of it leads here.
let read: (count: RawCount) => bigint;

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

/** The one way to the exact value. Not part of `#core`: only the noise mechanism may import this file. */
export const openRaw = (count: RawCount): bigint => read(count);
