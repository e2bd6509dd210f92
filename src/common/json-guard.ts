import { DomainError } from '#core';
import { jsonPointer } from './json-pointer.ts';

/** What a body may be at most, before anything recursive looks at it. */
export interface JsonLimits {
  /** Objects and arrays inside one another; the root counts. */
  readonly depthMax: number;
  /** Keys of all objects together. */
  readonly keysMax: number;
}

export const JSON_LIMITS: JsonLimits = { depthMax: 20, keysMax: 1_000 };

type Rule =
  | 'encoding'
  | 'byte-order-mark'
  | 'syntax'
  | 'depth'
  | 'too-many-keys'
  | 'duplicate-key'
  | 'forbidden-key'
  | 'nul-character'
  | 'lone-surrogate'
  | 'number-range';

/** A container the scan is inside of. */
interface Frame {
  /** Keys seen, in an object; undefined in an array. */
  readonly keys: Set<string> | undefined;
  /** Key or index of the child the scan is at. */
  at: string | number;
}

type Expected = 'value' | 'first-member' | 'member' | 'first-element' | 'after-value' | 'end';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/**
 * Parses the bytes of a body as JSON, within limits, with no recursion and in time linear in its length.
 *
 * What it accepts is exactly what `JSON.parse` accepts and gives the same value, except that it refuses: bytes that are
 * not UTF-8, a byte order mark, containers or keys beyond the limits, a key twice in one object, the key `__proto__`,
 * `constructor` holding an object with `prototype`, NUL characters and lone surrogates in keys and strings (PostgreSQL
 * stores neither), and numbers that no finite double is near.
 *
 * @throws DomainError 'json-invalid' with the pointer of the first place at fault, and nothing else for any bytes.
 */
export function parseGuardedJson(bytes: Uint8Array, limits: JsonLimits = JSON_LIMITS): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw refusal('encoding', '', 'is not UTF-8, must be', cause);
  }
  return guardJsonText(text, limits);
}

/** As `parseGuardedJson`, of a text that is already decoded. */
export function guardJsonText(text: string, limits: JsonLimits = JSON_LIMITS): unknown {
  new JsonScanner(text, limits).scan();
  return JSON.parse(text) as unknown;
}

function refusal(rule: Rule, pointer: string, message: string, cause?: unknown): DomainError {
  return new DomainError('json-invalid', {
    public: `The body cannot be taken as JSON: ${pointer === '' ? 'it' : pointer} ${message}.`,
    errors: [{ pointer, code: rule, message }],
    cause,
  });
}

class JsonScanner {
  readonly #text: string;
  readonly #limits: JsonLimits;
  readonly #frames: Frame[] = [];
  #at = 0;
  #keyCount = 0;

  constructor(text: string, limits: JsonLimits) {
    this.#text = text;
    this.#limits = limits;
  }

  scan(): void {
    if (this.#text.startsWith('\uFEFF')) throw this.#refuse('byte-order-mark', 'starts with one, must not');
    let expected: Expected = 'value';
    while (expected !== 'end') {
      this.#skipBlanks();
      expected = this.#step(expected);
    }
    this.#skipBlanks();
    if (this.#at < this.#text.length) throw this.#syntax('the end');
  }

  #step(expected: Exclude<Expected, 'end'>): Expected {
    switch (expected) {
      case 'value':
        return this.#value();
      case 'first-member':
        return this.#takes('}') ? this.#leave() : this.#key();
      case 'member':
        return this.#key();
      case 'first-element':
        return this.#takes(']') ? this.#leave() : this.#value();
      case 'after-value':
      default:
        return this.#afterValue();
    }
  }

  #value(): Expected {
    const first = this.#text[this.#at];
    if (this.#takes('{')) return this.#enter({ keys: new Set(), at: '' });
    if (this.#takes('[')) return this.#enter({ keys: undefined, at: 0 });
    if (first === '"') this.#string();
    else if (first === 't') this.#literal('true');
    else if (first === 'f') this.#literal('false');
    else if (first === 'n') this.#literal('null');
    else this.#number();
    return 'after-value';
  }

  #enter(frame: Frame): Expected {
    if (this.#frames.length >= this.#limits.depthMax) {
      throw this.#refuse('depth', `is too deep, must be at most ${this.#limits.depthMax} levels`);
    }
    this.#frames.push(frame);
    return frame.keys === undefined ? 'first-element' : 'first-member';
  }

  #leave(): Expected {
    this.#frames.pop();
    return 'after-value';
  }

  #afterValue(): Expected {
    const frame = this.#frames.at(-1);
    if (frame === undefined) return 'end';
    if (this.#takes(frame.keys === undefined ? ']' : '}')) return this.#leave();
    if (!this.#takes(',')) throw this.#syntax(frame.keys === undefined ? '"," or "]"' : '"," or "}"');
    if (frame.keys !== undefined) return 'member';
    frame.at = Number(frame.at) + 1;
    return 'value';
  }

  #key(): Expected {
    const frame = this.#frames.at(-1);
    if (frame?.keys === undefined || this.#text[this.#at] !== '"') throw this.#syntax('a key in quotes');
    // A fault of the key itself is reported at the object that has it.
    const key = this.#string(this.#frames.slice(0, -1));
    this.#checkKey(key, frame.keys);
    frame.keys.add(key);
    frame.at = key;
    this.#skipBlanks();
    if (!this.#takes(':')) throw this.#syntax('":"');
    return 'value';
  }

  #checkKey(key: string, siblings: ReadonlySet<string>): void {
    const parents = this.#frames.slice(0, -1);
    this.#keyCount += 1;
    if (this.#keyCount > this.#limits.keysMax) {
      throw this.#refuse('too-many-keys', `has too many keys, must have at most ${this.#limits.keysMax} in all`, []);
    }
    if (siblings.has(key)) throw this.#refuse('duplicate-key', 'has a key twice, must have each once', parents);
    if (key === '__proto__' || (key === 'prototype' && parents.at(-1)?.at === 'constructor')) {
      throw this.#refuse('forbidden-key', 'has a key that would reach a prototype, must not', parents);
    }
  }

  #string(frames: readonly Frame[] = this.#frames): string {
    const start = this.#at;
    let escaped = false;
    let code = 0;
    for (this.#at += 1; this.#at < this.#text.length; this.#at++) {
      code = this.#text.charCodeAt(this.#at);
      if (code === QUOTE || code < 0x20) break;
      if (code !== BACKSLASH) continue;
      escaped = true;
      this.#at += 1;
    }
    if (this.#at >= this.#text.length || code !== QUOTE) throw this.#syntax('a closing quote');
    this.#at += 1;
    const quoted = this.#text.slice(start, this.#at);
    const value = escaped ? this.#unescape(quoted, start) : quoted.slice(1, -1);
    if (value.includes('\0')) throw this.#refuse('nul-character', 'holds a NUL character, must not', frames);
    if (!value.isWellFormed()) throw this.#refuse('lone-surrogate', 'holds half a surrogate pair, must not', frames);
    return value;
  }

  #unescape(quoted: string, start: number): string {
    try {
      return JSON.parse(quoted) as string;
    } catch {
      // The cause would quote the body.
      this.#at = start;
      throw this.#syntax('a string with valid escapes');
    }
  }

  #number(): void {
    NUMBER.lastIndex = this.#at;
    const digits = NUMBER.exec(this.#text)?.[0];
    if (digits === undefined) throw this.#syntax('a value');
    if (!Number.isFinite(Number(digits))) {
      throw this.#refuse('number-range', 'is a number beyond a double, must be within ±1.8e308');
    }
    this.#at += digits.length;
  }

  #literal(word: string): void {
    if (!this.#text.startsWith(word, this.#at)) throw this.#syntax('a value');
    this.#at += word.length;
  }

  #takes(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #skipBlanks(): void {
    while (' \t\n\r'.includes(this.#text[this.#at] ?? '?')) this.#at += 1;
  }

  #syntax(wanted: string): DomainError {
    const found = this.#at < this.#text.length ? `something else at character ${this.#at}` : 'the end';
    return this.#refuse('syntax', `has ${found}, must have ${wanted}`);
  }

  #refuse(rule: Rule, message: string, frames: readonly Frame[] = this.#frames): DomainError {
    return refusal(rule, jsonPointer(frames.map((frame) => frame.at)), message);
  }
}
