import { DomainError } from '#core';
import type { FieldError } from '#core';
import { LIMITS } from './limits.ts';

/** What can be wrong with one place of a definition. Clients switch on these. */
export type FaultCode =
  | 'wrong-type'
  | 'missing'
  | 'unknown-key'
  /** Asks how a member stands among others: no rule may. */
  | 'not-row-local'
  | 'empty'
  | 'too-many'
  | 'too-deep'
  | 'bad-format'
  | 'out-of-range'
  | 'reversed'
  | 'in-future'
  | 'not-earlier'
  | 'unknown-version'
  | 'country-mismatch'
  | 'unknown-code'
  | 'unknown-audience'
  | 'cycle'
  | 'product-out-of-scope';

/** Faults found so far, in the order of finding; those over the limit are dropped. */
export class Faults {
  readonly #found: FieldError[] = [];

  /** @param is what stands there, as text; @param must what must stand there: the message is `is X, must be Y`. */
  add(pointer: string, code: FaultCode, is: string, must: string): undefined {
    if (this.full) return;
    this.#found.push({ pointer, code, message: `is ${is}, must be ${must}` });
  }

  /** No further fault is kept: a reader may stop looking. */
  get full(): boolean {
    return this.#found.length >= LIMITS.faults;
  }

  get count(): number {
    return this.#found.length;
  }

  /** @throws DomainError `audience-invalid` with every fault, if there is one. */
  throwIfAny(): void {
    if (this.#found.length === 0) return;
    throw new DomainError('audience-invalid', {
      public: `The audience definition has ${this.#found.length === 1 ? 'a fault' : 'faults'}.`,
      errors: this.#found,
    });
  }
}

const SHOWN_CHARACTERS = 60;

/** A short text of any value, for a message: never long, never runs code of the value. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'string') {
    const text = value.length > SHOWN_CHARACTERS ? `${value.slice(0, SHOWN_CHARACTERS)}…` : value;
    return JSON.stringify(text);
  }
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

const KEY_CHARACTERS = 64;

/**
 * The pointer of a member or element (RFC 6901: `~` is written `~0`, `/` is written `~1`). For a key too long to repeat
 * it is the pointer of the parent.
 */
export function under(pointer: string, key: string | number): string {
  const text = String(key);
  return text.length > KEY_CHARACTERS ? pointer : `${pointer}/${text.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
