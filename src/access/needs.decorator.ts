import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiExtension, ApiResponse } from '@nestjs/swagger';
import { IS_PUBLIC } from '../common/public.decorator.ts';
import type { Scope } from './scopes.ts';

/** What a route asks of its caller's credential: to be valid, or to hold a scope too. */
export type AccessRule = 'any-credential' | Scope;

/** Metadata key of a route's `AccessRule`. The guard refuses a route that has none and is not public. */
export const ACCESS_RULE = 'haven:access-rule';

/**
 * Opens a route to credentials that hold a scope, and says so in the OpenAPI document.
 *
 * @param scope the scope needed; without one every valid credential may call.
 */
export function Needs(scope?: Scope): ClassDecorator & MethodDecorator {
  const rule: AccessRule = scope ?? 'any-credential';
  return applyDecorators(
    SetMetadata(ACCESS_RULE, rule),
    ApiBearerAuth(),
    ApiExtension('x-haven-scope', rule),
    problem(401, '`not-authenticated`: the credential is missing, wrong, expired or revoked.'),
    ...(scope === undefined ? [] : [problem(403, `\`scope-missing\`: the credential does not hold \`${scope}\`.`)]),
  );
}

/** Opens a route to everybody. The list of such routes is short and a test knows it. */
export function Public(): ClassDecorator & MethodDecorator {
  return applyDecorators(SetMetadata(IS_PUBLIC, true), ApiExtension('x-haven-scope', 'public'));
}

const problem = (status: number, description: string): ClassDecorator & MethodDecorator =>
  ApiResponse({
    status,
    description,
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/ProblemDto' } } },
  });
