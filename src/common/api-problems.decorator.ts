import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse } from '@nestjs/swagger';
import { ProblemDto } from './problem.dto.ts';

/** What every route may answer whatever it does. */
const ALWAYS = [429, 503] as const;

const MEANINGS: Readonly<Record<number, string>> = {
  400: 'The request is not valid; `errors` names each place by JSON Pointer.',
  403: 'The credential may see this but not do it.',
  404: 'There is no such thing, or it is not yours: both answers are the same.',
  409: 'In conflict with the present state; `code` says which state.',
  410: 'It was there and is gone for good.',
  412: 'Somebody changed it since its ETag was read.',
  413: 'The body is larger than 64 kB.',
  415: 'The body must be `application/json`.',
  422: 'The request is well formed but cannot be carried out; `errors` names each place by JSON Pointer.',
  428: 'A change needs `If-Match` with the ETag that was read.',
  429: 'Too many calls; `Retry-After` says when to try again.',
  503: 'The service cannot answer now; `Retry-After` says when to try again.',
};

/** Documents the problem answers of a route, beside those that its access rule documents. */
export function ApiProblems(...statuses: number[]): MethodDecorator & ClassDecorator {
  const responses = [...statuses, ...ALWAYS].map((status) =>
    ApiResponse({
      status,
      description: MEANINGS[status] ?? 'A problem document.',
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/ProblemDto' } } },
    }),
  );
  return applyDecorators(ApiExtraModels(ProblemDto), ...responses);
}
