import { DomainError } from '#core';
import type { AudienceDefinition, AudienceReference, Rule } from './ast.ts';
import type { SymbolicAtom } from './atoms.ts';
import { constant } from './expr.ts';
import type { Expr } from './expr.ts';
import { Faults } from './faults.ts';
import { LIMITS } from './limits.ts';
import { lowerRule } from './lower.ts';

/** The saved definitions that a definition needs, by `referenceKey`. */
export interface References {
  readonly definitions: ReadonlyMap<string, AudienceDefinition>;
  /** The audience being defined, where it has an id already: a reference back to it is a cycle. */
  readonly self?: string | undefined;
}

export const NO_REFERENCES: References = { definitions: new Map() };

/** Finds a saved definition of the same brand, or undefined if there is none that the brand may use. */
export type LoadReference = (
  reference: AudienceReference,
) => AudienceDefinition | undefined | Promise<AudienceDefinition | undefined>;

export const referenceKey = ({ id, version }: AudienceReference): string =>
  version === undefined ? id : `${id}@${version}`;

/**
 * Loads every definition that can be reached from one, each once, at most `LIMITS.leaves` of them. What is missing,
 * cyclic or too large is told by `resolveDefinition`.
 */
export async function loadReferences(
  definition: AudienceDefinition,
  load: LoadReference,
  self?: string,
): Promise<References> {
  const definitions = new Map<string, AudienceDefinition>();
  const asked = new Set<string>();
  const waiting = referencesIn(definition.rule);
  for (let next = waiting.shift(); next !== undefined && asked.size < LIMITS.leaves; next = waiting.shift()) {
    const key = referenceKey(next);
    if (asked.has(key)) continue;
    asked.add(key);
    const found = await load(next);
    if (found === undefined) continue;
    definitions.set(key, found);
    waiting.push(...referencesIn(found.rule));
  }
  return { definitions, self };
}

/** The references a rule names itself, in order. */
export function referencesIn(rule: Rule): AudienceReference[] {
  const found: AudienceReference[] = [];
  lowerRule(rule, '', 1, {
    onReference: (reference) => {
      found.push(reference);
      return constant(true);
    },
  });
  return found;
}

/**
 * The rule of a definition with every reference replaced by the rule it names.
 *
 * @throws DomainError `audience-cycle` if an audience refers to itself, directly or through others, in whatever version.
 */
export function expandReferences(
  definition: AudienceDefinition,
  references: References,
  faults: Faults,
): Expr<SymbolicAtom> {
  let leaves = 0;
  const lower = (rule: Rule, depth: number, path: readonly string[], pinned?: string): Expr<SymbolicAtom> =>
    lowerRule<never>(rule, '/rule', depth, {
      ...(pinned === undefined ? {} : { pinned }),
      onLeaf: (pointer, level) => {
        leaves += 1;
        if (leaves === LIMITS.leaves + 1) {
          faults.add(pointer, 'too-many', `leaf ${leaves} of the rule`, `among at most ${LIMITS.leaves} leaves`);
        }
        if (level > LIMITS.depth) {
          faults.add(pointer, 'too-deep', `at level ${level}`, `at most at level ${LIMITS.depth}`);
        }
      },
      onReference: (reference, pointer, level) => {
        if (path.includes(reference.id)) throw cycle(pointer, reference);
        const found = references.definitions.get(referenceKey(reference));
        if (found === undefined) return refused(faults, pointer, reference);
        if (found.country !== definition.country) {
          faults.add(pointer, 'country-mismatch', `an audience of ${found.country}`, `one of ${definition.country}`);
        }
        if (leaves > LIMITS.leaves || path.length > LIMITS.leaves) return constant(false);
        return lower(found.rule, level, [...path, reference.id], pointer);
      },
    });
  return lower(definition.rule, 1, references.self === undefined ? [] : [references.self]);
}

function refused(faults: Faults, pointer: string, { id, version }: AudienceReference): Expr<never> {
  const is = version === undefined ? id : `version ${version} of ${id}`;
  faults.add(pointer, 'unknown-audience', is, 'a saved audience of this brand');
  return constant(false);
}

function cycle(pointer: string, { id }: AudienceReference): DomainError {
  return new DomainError('audience-cycle', {
    public: 'The audience refers to itself.',
    errors: [
      { pointer, code: 'cycle', message: `is a reference that leads to ${id} again, must be one that does not` },
    ],
  });
}
