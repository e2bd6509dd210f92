import fc from 'fast-check';
import { COUNTRIES, PURPOSES } from '#core';
import type { Json } from '#core';
import { PRECISIONS } from './precision.ts';
import { releaseKey } from './release-question.ts';
import type { CountQuestion } from './release-question.ts';

const questions: fc.Arbitrary<CountQuestion> = fc.record({
  kind: fc.constant('audience-size'),
  brandId: fc.stringMatching(/^brd_[0-9a-z]{26}$/),
  country: fc.constantFrom(...COUNTRIES),
  dataVersion: fc.integer({ min: 1, max: 2_147_483_647 }),
  population: fc.dictionary(fc.string({ maxLength: 8 }), fc.array(fc.integer(), { maxLength: 4 }), { maxKeys: 5 }),
  purposes: fc.subarray([...PURPOSES], { minLength: 1 }),
  precision: fc.constantFrom(...PRECISIONS),
});

const reversedKeys = (value: Json): Json => Object.fromEntries(Object.entries(value ?? {}).toReversed());

describe('the key of a question', () => {
  it('does not depend on the order of purposes or of the members of its population', () => {
    fc.assert(
      fc.property(questions, (question) => {
        const turned = {
          ...question,
          purposes: question.purposes.toReversed(),
          population: reversedKeys(question.population),
        };
        expect(releaseKey(turned)).toBe(releaseKey(question));
      }),
    );
  });

  it('is another one for any other owner, country, data version, population, purposes or precision', () => {
    const members = ['brandId', 'country', 'dataVersion', 'population', 'purposes', 'precision'] as const;
    fc.assert(
      fc.property(questions, questions, fc.constantFrom(...members), (question, other, member) => {
        fc.pre(
          member === 'purposes'
            ? question.purposes.toSorted().join() !== other.purposes.toSorted().join()
            : JSON.stringify(question[member]) !== JSON.stringify(other[member]),
        );
        fc.pre(member !== 'population' || !sameMembers(question.population, other.population));
        expect(releaseKey({ ...question, [member]: other[member] })).not.toBe(releaseKey(question));
      }),
    );
  });

  it('does not change the question it is made of', () => {
    const purposes = Object.freeze(PURPOSES.toSorted().toReversed());
    const question: CountQuestion = Object.freeze({
      kind: 'audience-size',
      brandId: 'brd_a',
      country: 'FR',
      dataVersion: 1,
      population: {},
      purposes,
      precision: 'fine',
    });
    expect(releaseKey(question)).toMatch(/^[0-9a-f]{64}$/);
    expect(question.purposes).toBe(purposes);
  });
});

const sameMembers = (a: Json, b: Json): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
const sorted = (value: Json): Json => Object.entries(value ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)) as Json;
