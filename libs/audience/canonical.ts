import { canonicalJson, sha256Hex } from '#core';
import type { Country, Json } from '#core';
import { AUDIENCE_VERSION } from './ast.ts';
import type { AudienceDefinition } from './ast.ts';
import type { Atom, ReferenceAtom } from './atoms.ts';
import { atom, intern, substitute } from './expr.ts';
import type { Expr } from './expr.ts';
import { LIMITS } from './limits.ts';
import { lowerRule } from './lower.ts';
import { normalForm } from './normal-form.ts';
import { propositionKey, propositions } from './propositions.ts';
import type { Proposition } from './propositions.ts';
import type { ResolvedAudience } from './resolve.ts';
import { atomsOf, formulaKey, simplify } from './simplify.ts';
import { truthTable } from './truth-table.ts';

export interface CanonicalAudience {
  /** The normal form. Equal values have equal meanings. */
  readonly canonical: Json;
  /** SHA-256 of its RFC 8785 text, 64 hex digits. */
  readonly hash: string;
  /** Present where the rule holds for every member, or for none, whatever they bought. */
  readonly always?: boolean;
}

/**
 * The normal form of a rule on one state of the data.
 *
 * Guarantees: equal hashes mean that the two rules hold for the same members, whatever the data (up to a collision of
 * SHA-256). Rules that are propositionally equivalent over at most `LIMITS.truthTableAtoms` distinct propositions, and
 * rules that differ in lists split under `any` or in bounds split under `all` within that number, have equal hashes.
 * Beyond that number, rules that differ in order, nesting, repeats, negation or absorption have equal hashes.
 *
 * The privacy of a release never rests on this: a missed equivalence costs budget, nothing else.
 */
export const canonicalAudience = (resolved: ResolvedAudience): CanonicalAudience =>
  canonicalForm(resolved.country, resolved.rule);

/** The hash of a definition before days and codes are resolved and references followed: names a saved version. */
export function definitionHash({ country, rule }: AudienceDefinition): string {
  const symbolic = lowerRule<ReferenceAtom>(rule, '/rule', 1, {
    onReference: (reference, leaf) =>
      atom({ kind: 'reference', ...reference, origin: { leaf, products: leaf, window: leaf, pinned: false } }),
  });
  return canonicalForm(country, symbolic).hash;
}

function canonicalForm(country: Country, rule: Expr<Atom>): CanonicalAudience {
  const { expr, atoms } = intern(substitute(rule, propositions), propositionKey);
  const simple = simplify(expr);
  const used = atomsOf(simple);
  const form = used.length <= LIMITS.truthTableAtoms ? byTable(simple, used, atoms) : byStructure(simple, atoms);
  const canonical: Json = { version: AUDIENCE_VERSION, country, ...form.json };
  return {
    canonical,
    hash: sha256Hex(canonicalJson(canonical)),
    ...(form.always === undefined ? {} : { always: form.always }),
  };
}

interface Form {
  readonly json: { readonly [key: string]: Json };
  readonly always?: boolean;
}

function byTable(simple: Expr<number>, used: readonly number[], atoms: readonly Proposition[]): Form {
  const form = normalForm(
    used.flatMap((index) => atoms[index] ?? []),
    truthTable(simple, used),
  );
  return form.coordinates.length === 0 ? { json: { form }, always: form.table === '1' } : { json: { form } };
}

/** The atoms used, ascending by key, and the rule over their positions, with the children of each node in one order. */
function byStructure(simple: Expr<number>, atoms: readonly Proposition[]): Form {
  const renumbered = intern(simple, (index) => propositionKey(atoms[index] ?? { kind: 'opaque', subject: null }));
  return {
    json: {
      atoms: renumbered.atoms.flatMap((index) => (atoms[index] === undefined ? [] : [{ ...atoms[index] }])),
      rule: formulaKey(renumbered.expr),
    },
  };
}
