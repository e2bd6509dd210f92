import { Transform } from 'class-transformer';

/** A query parameter of digits as its number; anything else stays, for the validation to name it. */
export const FromDigits = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value,
  );

/** A query parameter `true` or `false` as that; anything else stays, for the validation to name it. */
export const FromFlag = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value));
