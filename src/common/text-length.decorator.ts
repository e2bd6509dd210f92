import { ValidateBy, buildMessage } from 'class-validator';

/**
 * A text of so many characters, counted in code points as PostgreSQL's `length` counts them. class-validator's `Length`
 * leaves variation selectors out of the count, so that a text of any size can pass it.
 */
export const TextLength = (min: number, max: number): PropertyDecorator =>
  ValidateBy({
    name: 'isLength',
    constraints: [min, max],
    validator: {
      validate: (value: unknown) => typeof value === 'string' && isWithin([...value].length, min, max),
      defaultMessage: buildMessage(
        (each) => `${each}$property must be a text of $constraint1 to $constraint2 characters`,
      ),
    },
  });

const isWithin = (count: number, min: number, max: number): boolean => count >= min && count <= max;
