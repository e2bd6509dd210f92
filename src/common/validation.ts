import { ValidationPipe } from '@nestjs/common';
import type { ArgumentMetadata, ValidationError } from '@nestjs/common';
import { DomainError } from '#core';
import type { FieldError } from '#core';
import { jsonPointer } from './json-pointer.ts';

const FIELD_ERRORS_MAX = 50;
const SHOWN_TEXT_MAX = 40;

/** Names of class-validator's own rules that are said otherwise here. */
const CODES: Readonly<Record<string, string>> = {
  whitelistValidation: 'unknown-member',
  unknownValue: 'type',
  nestedValidation: 'type',
};

/**
 * The pipe before every controller method: parameters and bodies become instances of their DTO class, and what the
 * class does not declare is refused, never dropped. Bodies have passed the JSON guard, which class-transformer needs:
 * it is recursive.
 *
 * @throws DomainError 'request-invalid' naming up to 50 places by JSON Pointer: what each is and what it must be.
 */
export const validationPipe = (): ValidationPipe =>
  new StrictValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    transform: true,
    transformOptions: { exposeDefaultValues: false, enableImplicitConversion: false },
    validationError: { target: false, value: true },
    exceptionFactory: (errors) => validationRefusal(errors),
  });

/**
 * class-transformer leaves out members that an instance of the class inherits, such as `toString`, before the whitelist
 * could see them; here they are refused like any other unknown member.
 */
class StrictValidationPipe extends ValidationPipe {
  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (this.toValidate(metadata)) refuseInheritedMembers(value);
    return super.transform(value, metadata);
  }
}

/** Walks a guarded value without recursion. */
function refuseInheritedMembers(root: unknown): void {
  const pending: { value: unknown; path: readonly string[] }[] = [{ value: root, path: [] }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value, path } = next;
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, member] of Object.entries(value)) {
      if (!Array.isArray(value) && key in Object.prototype) throw unknownMember([...path, key]);
      if (typeof member === 'object') pending.push({ value: member, path: [...path, key] });
    }
  }
}

const UNKNOWN_MEMBER = 'is not a known member, must be left out';

const unknownMember = (path: readonly string[]): DomainError =>
  refusalOf([{ pointer: jsonPointer(path), code: 'unknown-member', message: UNKNOWN_MEMBER }]);

/** The refusal of a tree of class-validator's errors. */
export function validationRefusal(errors: readonly ValidationError[]): DomainError {
  return refusalOf(fieldErrors(errors));
}

function refusalOf(faults: readonly FieldError[]): DomainError {
  const places = new Set(faults.map((fault) => fault.pointer)).size;
  return new DomainError('request-invalid', {
    public: `${places} ${places === 1 ? 'place' : 'places'} of the request ${places === 1 ? 'is' : 'are'} not valid.`,
    errors: faults,
  });
}

/** Walks the tree without recursion, in the order of the request, up to the limit. */
function fieldErrors(errors: readonly ValidationError[]): readonly FieldError[] {
  const faults: FieldError[] = [];
  const pending = errors.map((error) => ({ error, path: [error.property] })).toReversed();
  for (let next = pending.pop(); next !== undefined && faults.length < FIELD_ERRORS_MAX; next = pending.pop()) {
    const { error, path } = next;
    const pointer = jsonPointer(path);
    for (const [rule, message] of Object.entries(error.constraints ?? {})) {
      faults.push({ pointer, code: CODES[rule] ?? kebab(rule), message: explain(rule, message, error) });
    }
    const children = (error.children ?? []).map((child) => ({ error: child, path: [...path, child.property] }));
    pending.push(...children.toReversed());
  }
  return faults.slice(0, FIELD_ERRORS_MAX);
}

/** `isString` -> `is-string` */
const kebab = (rule: string): string => rule.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function explain(rule: string, message: string, error: ValidationError): string {
  if (rule === 'whitelistValidation') return UNKNOWN_MEMBER;
  const prefix = `${error.property} `;
  const demand = message.startsWith(prefix) ? message.slice(prefix.length) : message;
  return `is ${describeValue(error.value)}, ${demand}`;
}

/** A value as an error names it: short, and of a container only its kind. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') {
    return JSON.stringify(value.length > SHOWN_TEXT_MAX ? `${value.slice(0, SHOWN_TEXT_MAX).toWellFormed()}…` : value);
  }
  return Array.isArray(value) ? `an array of ${value.length}` : 'an object';
}
