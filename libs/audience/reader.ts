import { shown, under } from './faults.ts';
import type { Faults } from './faults.ts';
import { addComparison, comparesMembers, comparingKey } from './row-local.ts';

/** Reads one value at a pointer: the checked value, or undefined after at least one fault was added. */
export type Reader<T> = (value: unknown, pointer: string, faults: Faults) => T | undefined;

export interface Field<T> {
  readonly read: Reader<T>;
  /** Taken when the key is absent; `null` is not absent. */
  readonly fallback?: T;
  readonly optional?: boolean;
}

export type Shape<T> = { readonly [K in keyof T]-?: Field<NonNullable<T[K]>> };

/** A plain JSON object: not an array, not an instance of a class. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const quotedList = (keys: readonly string[]): string => keys.map((key) => `"${key}"`).join(', ');

/**
 * Reads an object with exactly the keys of `shape`, adding a fault for each unknown, missing or wrong one.
 *
 * @param check looks at the whole once every field is right; it adds its own faults.
 */
export function record<T extends object>(
  shape: Shape<T>,
  check?: (body: T, pointer: string, faults: Faults) => void,
): Reader<T> {
  const known = Object.keys(shape);
  return (value, pointer, faults) => {
    if (!isObject(value)) {
      return faults.add(pointer, 'wrong-type', shown(value), `an object with ${quotedList(known)}`);
    }
    const before = faults.count;
    refuseUnknownKeys(value, known, pointer, faults);
    const body: Record<string, unknown> = {};
    for (const [key, field] of Object.entries<Field<unknown>>(shape)) {
      const part = readField(value, key, field, pointer, faults);
      if (part !== undefined) body[key] = part;
    }
    if (faults.count !== before || faults.full) return undefined;
    check?.(body as T, pointer, faults);
    return faults.count === before ? (body as T) : undefined;
  };
}

function readField(
  value: Readonly<Record<string, unknown>>,
  key: string,
  field: Field<unknown>,
  pointer: string,
  faults: Faults,
): unknown {
  if (Object.hasOwn(value, key)) return field.read(value[key], under(pointer, key), faults);
  if (field.fallback !== undefined || field.optional) return field.fallback;
  return faults.add(under(pointer, key), 'missing', 'missing', 'given');
}

function refuseUnknownKeys(value: object, known: readonly string[], pointer: string, faults: Faults): void {
  for (const key in value) {
    if (faults.full) return;
    if (!Object.hasOwn(value, key) || known.includes(key)) continue;
    if (comparesMembers(key)) addComparison(faults, pointer, key);
    else faults.add(under(pointer, key), 'unknown-key', 'an unknown key', `one of ${quotedList(known)}`);
  }
}

/** A whole number within two bounds. */
export function integer(min: number, max: number): Reader<number> {
  return (value, pointer, faults) => {
    const must = `a whole number from ${min} to ${max}`;
    const comparing = isObject(value) ? comparingKey(value) : undefined;
    if (comparing !== undefined) return addComparison(faults, pointer, comparing);
    if (typeof value !== 'number') return faults.add(pointer, 'wrong-type', shown(value), must);
    if (!Number.isInteger(value) || value < min || value > max) {
      return faults.add(pointer, 'out-of-range', shown(value), must);
    }
    return value === 0 ? 0 : value;
  };
}

/** A text of a given form. `form` must take time linear in the text. */
export function text(form: RegExp, must: string): Reader<string> {
  return (value, pointer, faults) => {
    if (typeof value !== 'string') return faults.add(pointer, 'wrong-type', shown(value), must);
    return form.test(value) ? value : faults.add(pointer, 'bad-format', shown(value), must);
  };
}

/** One of a closed list of texts. */
export function oneOf<T extends string>(values: readonly T[]): Reader<T> {
  const must = `one of ${quotedList(values)}`;
  return (value, pointer, faults) => {
    if (typeof value !== 'string') return faults.add(pointer, 'wrong-type', shown(value), must);
    return values.find((known) => known === value) ?? faults.add(pointer, 'bad-format', shown(value), must);
  };
}

/** A list of 1 to `max` elements. A longer list is refused before any element is looked at. */
export function listOf<T>(read: Reader<T>, max: number): Reader<readonly T[]> {
  return (value, pointer, faults) => {
    const must = `a list of 1 to ${max}`;
    if (!Array.isArray(value)) return faults.add(pointer, 'wrong-type', shown(value), must);
    if (value.length === 0) return faults.add(pointer, 'empty', 'an empty list', must);
    if (value.length > max) return faults.add(pointer, 'too-many', shown(value), must);
    const elements: T[] = [];
    for (const [index, element] of value.entries()) {
      if (faults.full) return undefined;
      const part = read(element, under(pointer, index), faults);
      if (part !== undefined) elements.push(part);
    }
    return elements.length === value.length ? elements : undefined;
  };
}

export const required = <T>(read: Reader<T>): Field<T> => ({ read });

export const optional = <T>(read: Reader<T>): Field<T> => ({ read, optional: true });

export const withDefault = <T>(read: Reader<T>, fallback: T): Field<T> => ({ read, fallback });
