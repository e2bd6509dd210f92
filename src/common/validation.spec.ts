import { ValidateNested, IsArray, IsIn, IsInt, IsString, Max } from 'class-validator';
import { Type } from 'class-transformer';
import { DomainError } from '#core';
import { PageQuery } from './page.ts';
import { validationPipe } from './validation.ts';

class Leaf {
  @IsIn(['a', 'b'])
  kind: string;

  @IsInt()
  @Max(730)
  days: number;
}

class Tree {
  @IsString()
  name: string;

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => Leaf)
  leaves: Leaf[];
}

const validate = (value: unknown, metatype: new () => object = Tree): Promise<unknown> =>
  validationPipe().transform(value, { type: 'body', metatype });

async function faultsOf(value: unknown, metatype?: new () => object): Promise<readonly object[]> {
  const error: unknown = await validate(value, metatype).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DomainError);
  expect((error as DomainError).code).toBe('request-invalid');
  return (error as DomainError).text.errors ?? [];
}

describe('validationPipe', () => {
  it('gives an instance of the DTO', async () => {
    const tree = await validate({ name: 'x', leaves: [{ kind: 'a', days: 1 }] });
    expect(tree).toBeInstanceOf(Tree);
    expect((tree as Tree).leaves[0]).toBeInstanceOf(Leaf);
  });

  it('says of each place what it is and what it must be', async () => {
    expect(
      await faultsOf({
        name: 5,
        leaves: [
          { kind: 'a', days: 1 },
          { kind: 'c', days: 4_000 },
        ],
      }),
    ).toEqual([
      { pointer: '/name', code: 'is-string', message: 'is 5, must be a string' },
      { pointer: '/leaves/1/kind', code: 'is-in', message: 'is "c", must be one of the following values: a, b' },
      { pointer: '/leaves/1/days', code: 'max', message: 'is 4000, must not be greater than 730' },
    ]);
  });

  it('refuses members it does not know, at any depth, and never drops them', async () => {
    expect(await faultsOf({ name: 'x', leaves: [{ kind: 'a', days: 1, 'x/y': 1 }], more: 1 })).toEqual([
      { pointer: '/more', code: 'unknown-member', message: 'is not a known member, must be left out' },
      { pointer: '/leaves/0/x~1y', code: 'unknown-member', message: 'is not a known member, must be left out' },
    ]);
  });

  it.each([[undefined], [null], [[]], ['text'], [5], [[{ name: 'x', leaves: [] }]]])(
    'refuses %j for an object',
    async (value) => {
      expect((await faultsOf(value)).length).toBeGreaterThan(0);
    },
  );

  it.each([
    ['members of a prototype', { name: 'x', leaves: [], toString: 'x' }],
    ['a leaf that is not an object', { name: 'x', leaves: [1, null, 'x', []] }],
    ['leaves that are an object', { name: 'x', leaves: { 0: { kind: 'a', days: 1 } } }],
  ])('refuses %s', async (_, value) => {
    expect((await faultsOf(value)).length).toBeGreaterThan(0);
  });

  it('names at most 50 places and quotes little of each', async () => {
    const faults = await faultsOf({
      name: 'x',
      leaves: Array.from({ length: 500 }, () => ({ kind: 'k'.repeat(5_000), days: 1 })),
    });
    expect(faults).toHaveLength(50);
    expect(JSON.stringify(faults).length).toBeLessThan(10_000);
  });
});

describe('PageQuery', () => {
  it('has 50 items a page unless told', async () => {
    expect(await validate({}, PageQuery)).toMatchObject({ limit: 50 });
    expect(await validate({ limit: '200', cursor: 'x' }, PageQuery)).toMatchObject({ limit: 200, cursor: 'x' });
  });

  it.each(['0', '201', '-1', '1.5', '1e2', 'ten', '', '0x10', ' 7', ['1', '2']])('refuses limit=%j', async (limit) => {
    expect(await faultsOf({ limit }, PageQuery)).not.toEqual([]);
  });
});
