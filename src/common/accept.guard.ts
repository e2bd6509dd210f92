import { Injectable, SetMetadata } from '@nestjs/common';
import type { CanActivate, CustomDecorator, ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { DomainError } from '#core';

const PRODUCES = 'haven:produces';

/** Media types an operation can answer with, best first. Without it: application/json. */
export const Produces = (...mediaTypes: string[]): CustomDecorator => SetMetadata(PRODUCES, mediaTypes);

/**
 * Refuses a request that accepts none of the media types its operation can give (RFC 9110 §15.5.7). A client that
 * accepts problem documents only is served too: it cannot have meant to be refused.
 *
 * @throws DomainError 'not-acceptable'
 */
@Injectable()
export class AcceptGuard implements CanActivate {
  readonly #reflector: Reflector;

  constructor(reflector: Reflector) {
    this.#reflector = reflector;
  }

  canActivate(context: ExecutionContext): boolean {
    const targets = [context.getHandler(), context.getClass()];
    const produced = this.#reflector.getAllAndOverride<string[] | undefined>(PRODUCES, targets) ?? ['application/json'];
    const request = context.switchToHttp().getRequest<Request>();
    if (request.accepts([...produced, 'application/problem+json']) !== false) return true;
    throw new DomainError('not-acceptable', {
      public: `The "Accept" header admits none of the types of this operation, must admit ${produced.join(' or ')}.`,
    });
  }
}
