import fc from 'fast-check';
import { projectionOff } from './orthogonal.ts';

const dot = (u: readonly number[], v: readonly number[]): number => u.reduce((sum, x, i) => sum + x * v[i]!, 0);
const norm = (v: readonly number[]): number => Math.sqrt(dot(v, v));

const anyVector = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 6, maxLength: 6 });

describe('projectionOff', () => {
  it('leaves the part that is orthogonal to the vectors', () => {
    expect(projectionOff([[1, 1, 0]])([3, 1, 7])).toEqual([expect.closeTo(1, 12), expect.closeTo(-1, 12), 7]);
  });

  it('changes nothing when there are no vectors', () => {
    expect(projectionOff([])([3, 1, 7])).toEqual([3, 1, 7]);
  });

  it('is orthogonal to the vectors, takes them to 0 and changes nothing when it is done again', () => {
    const vectors = [
      [1, 1, 1, 0, 0, 0],
      [0, 0, 1, 1, 1, 0],
      [1, 0, 0, 0, 1, 1],
    ];
    const project = projectionOff(vectors);
    fc.assert(
      fc.property(anyVector, (v) => {
        const rest = project(v);
        for (const vector of vectors) expect(Math.abs(dot(rest, vector))).toBeLessThan(1e-12);
        const again = project(rest).map((x, i) => x - rest[i]!);
        expect(norm(again)).toBeLessThan(1e-12);
      }),
      { seed: 44 },
    );
    for (const vector of vectors) expect(norm(project(vector))).toBeLessThan(1e-14);
  });

  // Läuchli's matrix: one pass of classical or modified Gram–Schmidt loses the orthogonality of nearly parallel vectors.
  it('stays orthogonal for nearly parallel vectors', () => {
    const tiny = 1e-7;
    const vectors = [
      [1, tiny, 0, 0],
      [1, 0, tiny, 0],
      [1, 0, 0, tiny],
    ];
    const rest = projectionOff(vectors)([0, 1, 0, 0]);
    // What is left of e₂ is along (−tiny, 1, 1, 1): a third of it, up to the square of the small number.
    expect(rest).toEqual([
      expect.closeTo(-tiny / 3, 12),
      expect.closeTo(1 / 3, 9),
      expect.closeTo(1 / 3, 9),
      expect.closeTo(1 / 3, 9),
    ]);
    for (const vector of vectors) expect(Math.abs(dot(rest, vector))).toBeLessThan(1e-15);
  });
});
