import { SetMetadata } from '@nestjs/common';
import type { CustomDecorator } from '@nestjs/common';

/** Metadata key of operations that need no credentials. */
export const IS_PUBLIC = 'haven:public';

/** Opens an operation to everybody. Every use stands in the list of public routes that a test holds. */
export const Public = (): CustomDecorator => SetMetadata(IS_PUBLIC, true);
