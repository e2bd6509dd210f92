const dot = (u: readonly number[], v: readonly number[]): number => {
  let sum = 0;
  for (const [i, x] of u.entries()) sum += x * (v[i] ?? 0);
  return sum;
};

/** v without its components along the basis, which is orthonormal. */
function withoutComponents(v: readonly number[], basis: readonly (readonly number[])[]): readonly number[] {
  let rest = v;
  for (const direction of basis) {
    const along = dot(direction, rest);
    rest = rest.map((x, i) => x - along * (direction[i] ?? 0));
  }
  return rest;
}

/**
 * The orthogonal projection that removes the span of some vectors. The vectors are linearly independent.
 *
 * Modified Gram–Schmidt, each step done twice: what is left is orthogonal to working precision even where the vectors are
 * nearly parallel (Giraud, Langou, Rozložník and van den Eshof, 2005). No normal equations, whose condition is squared.
 */
export function projectionOff(vectors: readonly (readonly number[])[]): (v: readonly number[]) => readonly number[] {
  const basis: (readonly number[])[] = [];
  const project = (v: readonly number[]): readonly number[] => withoutComponents(withoutComponents(v, basis), basis);
  for (const vector of vectors) {
    const rest = project(vector);
    const norm = Math.sqrt(dot(rest, rest));
    basis.push(rest.map((x) => x / norm));
  }
  return project;
}
