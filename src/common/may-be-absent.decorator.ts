import { ValidateIf } from 'class-validator';

/** A member that may be missing, but not null: class-validator's `IsOptional` would take null past every other rule. */
export const MayBeAbsent = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined);
