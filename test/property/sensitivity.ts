import type { SqlParameter } from '#core';

/** What runs: the text that the product compiles, and its values. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly SqlParameter[];
}

/** One released vector and what is declared about it. */
export interface ReleasedMarginal {
  readonly name: string;
  /** The statements whose values, one after the other, are the vector. */
  readonly compile: () => readonly Statement[];
  /** Largest ‖f(D) − f(D∖u)‖² there may be, from public parameters alone: what the noise is scaled to. */
  readonly declaredSquared: bigint;
}

/** Everything that one release lets out, marginal by marginal. */
export interface ReleaseQuery {
  readonly name: string;
  readonly marginals: readonly ReleasedMarginal[];
}

/** Two neighbours: a database, and the same without one member. */
export interface Pair {
  readonly database: number;
  readonly removed: number;
}

/** Values of a statement on two neighbours; `undefined` where the engine refuses to give any. */
export interface Answer {
  readonly whole: readonly bigint[] | undefined;
  readonly without: readonly bigint[] | undefined;
}

export interface Databases {
  readonly pairs: readonly Pair[];
  /** For each statement its answers on every pair, in the order of `pairs`. */
  answers(statements: readonly Statement[]): Promise<readonly (readonly Answer[])[]>;
}

/** What was seen of one marginal over all pairs. */
export interface Finding {
  readonly marginal: string;
  readonly declaredSquared: bigint;
  /** Largest squared distance seen. */
  readonly largestSquared: bigint;
  /** Neighbours further apart than declared, or of which one alone has an answer. */
  readonly breaches: readonly Pair[];
}

/**
 * Measures each marginal of a query on neighbouring databases, in exact integers, on the coordinates as released: rows of
 * a member that meet in one coordinate count together.
 */
export async function sensitivityOf(query: ReleaseQuery, databases: Databases): Promise<readonly Finding[]> {
  const compiled = query.marginals.map((marginal) => ({ marginal, statements: marginal.compile() }));
  const answers = await databases.answers(compiled.flatMap(({ statements }) => statements));
  let next = 0;
  return compiled.map(({ marginal, statements }) => {
    const own = answers.slice(next, (next += statements.length));
    return judge(marginal, databases.pairs, (pair) => own.map((of) => of[pair]!));
  });
}

function judge(
  { name, declaredSquared }: ReleasedMarginal,
  pairs: readonly Pair[],
  answersOf: (pair: number) => readonly Answer[],
): Finding {
  let largestSquared = 0n;
  const breaches: Pair[] = [];
  for (const [index, pair] of pairs.entries()) {
    const distances = answersOf(index).map(distanceSquared);
    const told = distances.includes(undefined);
    const squared = distances.reduce<bigint>((sum, distance) => sum + (distance ?? 0n), 0n);
    if (squared > largestSquared) largestSquared = squared;
    if (told || squared > declaredSquared) breaches.push(pair);
  }
  return { marginal: name, declaredSquared, largestSquared, breaches };
}

/** `undefined` where an answer is given for one of the two only, or for another number of coordinates. */
function distanceSquared({ whole, without }: Answer): bigint | undefined {
  if (whole === undefined && without === undefined) return 0n;
  if (whole?.length !== without?.length) return undefined;
  return (whole ?? []).reduce((sum, value, index) => sum + (value - (without?.[index] ?? 0n)) ** 2n, 0n);
}
