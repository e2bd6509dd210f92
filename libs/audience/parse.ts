import { COUNTRIES } from '#core';
import { AUDIENCE_VERSION, isLeafType, leafTypes } from './ast.ts';
import type { AudienceDefinition, Leaf, Rule } from './ast.ts';
import { Faults, shown, under } from './faults.ts';
import { LEAF_READERS } from './leaves.ts';
import { LIMITS } from './limits.ts';
import { integer, isObject, listOf, oneOf, record, required } from './reader.ts';
import type { Reader } from './reader.ts';
import { addComparison, comparingKey } from './row-local.ts';

const NODE_TYPES = ['all', 'any', 'none', 'atLeast', ...leafTypes()];
const MUST_BE_NODE = `an object with exactly one key, one of ${NODE_TYPES.map((type) => `"${type}"`).join(', ')}`;

/** What a reading of one tree counts. */
interface Tally {
  leaves: number;
}

/**
 * Reads a definition of the language `audience/1`.
 *
 * Guarantees: the result has exactly the shape of its type, shares no object with the input, keeps the limits of
 * `LIMITS`, and every text in it is of a closed form (codes, GTINs, days, ids). Defaults are filled in. Time is linear in
 * the part of the input that the limits allow; the rest is not looked at.
 *
 * @param input any value, normally parsed JSON.
 * @throws DomainError `audience-invalid` with every fault found (at most `LIMITS.faults`), each with its RFC 6901 pointer.
 */
export function parseDefinition(input: unknown): AudienceDefinition {
  const faults = new Faults();
  const definition = readDefinition(input, '', faults);
  faults.throwIfAny();
  if (definition === undefined) throw new TypeError('a definition was refused without a fault');
  return definition;
}

const readDefinition: Reader<AudienceDefinition> = (input, pointer, faults) => {
  const tally: Tally = { leaves: 0 };
  return record<AudienceDefinition>({
    version: required((value, at, found) =>
      value === AUDIENCE_VERSION
        ? AUDIENCE_VERSION
        : found.add(at, 'unknown-version', shown(value), `"${AUDIENCE_VERSION}"`),
    ),
    country: required(oneOf(COUNTRIES)),
    rule: required(ruleAt(1, tally)),
  })(input, pointer, faults);
};

function ruleAt(depth: number, tally: Tally): Reader<Rule> {
  return (value, pointer, faults) => {
    const type = nodeType(value);
    if (type === undefined || !isObject(value)) return refuseNode(value, pointer, faults);
    const body = value[type];
    const at = under(pointer, type);
    if (isLeafType(type)) return readLeaf(type, body, at, faults, tally);
    if (!isCombinator(type)) return refuseNode(value, pointer, faults);
    if (depth >= LIMITS.depth) {
      return faults.add(at, 'too-deep', `at level ${depth}`, `a leaf: a rule has at most ${LIMITS.depth} levels`);
    }
    const children = listOf(ruleAt(depth + 1, tally), LIMITS.leaves);
    return readCombinator(type, children, body, at, faults);
  };
}

const COMBINATORS = ['all', 'any', 'none', 'atLeast'] as const;
type Combinator = (typeof COMBINATORS)[number];

const isCombinator = (text: string): text is Combinator => COMBINATORS.some((known) => known === text);

/** The one key of a node, or undefined if there is none or more than one. */
function nodeType(value: unknown): string | undefined {
  if (!isObject(value)) return undefined;
  let found: string | undefined;
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue;
    if (found !== undefined) return undefined;
    found = key;
  }
  return found;
}

/** Adds the fault of what is no node, or is of no kind that there is. */
function refuseNode(value: unknown, pointer: string, faults: Faults): undefined {
  const comparing = isObject(value) ? comparingKey(value) : undefined;
  if (comparing !== undefined) return addComparison(faults, pointer, comparing);
  const type = nodeType(value);
  if (type === undefined) return faults.add(pointer, 'wrong-type', shownNode(value), MUST_BE_NODE);
  return faults.add(under(pointer, type), 'unknown-key', 'an unknown kind of node', MUST_BE_NODE);
}

const shownNode = (value: unknown): string =>
  isObject(value) ? `an object with ${Object.keys(value).length} keys` : shown(value);

function readLeaf(type: keyof typeof LEAF_READERS, body: unknown, at: string, faults: Faults, tally: Tally) {
  tally.leaves += 1;
  if (tally.leaves === LIMITS.leaves + 1) {
    faults.add(at, 'too-many', `leaf ${tally.leaves} of the rule`, `among at most ${LIMITS.leaves} leaves`);
  }
  if (tally.leaves > LIMITS.leaves) return undefined;
  const leaf = LEAF_READERS[type](body, at, faults);
  return leaf === undefined ? undefined : ({ [type]: leaf } as unknown as Leaf);
}

function readCombinator(
  type: Combinator,
  children: Reader<readonly Rule[]>,
  body: unknown,
  at: string,
  faults: Faults,
): Rule | undefined {
  if (type === 'atLeast') {
    const group = record<{ n: number; of: readonly Rule[] }>(
      { n: required(integer(1, LIMITS.leaves)), of: required(children) },
      ({ n, of }, pointer, found) => {
        if (n > of.length) found.add(under(pointer, 'n'), 'out-of-range', String(n), `from 1 to ${of.length}`);
      },
    )(body, at, faults);
    return group && { atLeast: group };
  }
  const rules = children(body, at, faults);
  if (rules === undefined) return undefined;
  if (type === 'all') return { all: rules };
  return type === 'any' ? { any: rules } : { none: rules };
}
