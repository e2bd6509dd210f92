import { Inject, Injectable, SetMetadata } from '@nestjs/common';
import type { CanActivate, CustomDecorator, ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Response } from 'express';
import { DomainError } from '#core';
import { clientNetwork, rateLimitHeaders } from './rate-limit.ts';
import type { RateLimitPolicy } from './rate-limit.ts';
import { RateLimitService } from './rate-limit.service.ts';
import { markSpending } from './spending.ts';
import type { EdgeRequest } from './request-context.ts';

export type RateLimitClass = 'default' | 'spend';

/** Injection token of the policy of each class. */
export const RATE_LIMIT_POLICIES = Symbol('rate-limit-policies');

export type RateLimitPolicies = Readonly<Record<RateLimitClass, RateLimitPolicy>>;

const CLASS = 'haven:rate-limit';

/** Whose quota an operation counts against; `none` leaves it unlimited, for health checks. Without it: `default`. */
export const RateLimit = (name: RateLimitClass | 'none'): CustomDecorator => SetMetadata(CLASS, name);

/**
 * Limits requests per principal, or per client network where nobody is authenticated. Runs after the access guard.
 * Every limited answer carries the draft-10 `RateLimit` headers.
 *
 * A guard of our own: `@nestjs/throttler` counts hits in fixed windows, writes the older `X-RateLimit` headers, asks
 * its store once per named limit, and is CommonJS, which cannot be linked into a graph of Nest's ESM under Jest.
 *
 * @throws DomainError 'rate-limited'
 */
@Injectable()
export class RateLimitGuard implements CanActivate {
  readonly #limits: RateLimitService;
  readonly #policies: RateLimitPolicies;
  readonly #reflector: Reflector;

  constructor(
    limits: RateLimitService,
    @Inject(RATE_LIMIT_POLICIES) policies: RateLimitPolicies,
    reflector: Reflector,
  ) {
    this.#limits = limits;
    this.#policies = policies;
    this.#reflector = reflector;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    const name = this.#reflector.getAllAndOverride<RateLimitClass | 'none' | undefined>(CLASS, targets) ?? 'default';
    if (name === 'none') return true;
    const policy = this.#policies[name];
    const http = context.switchToHttp();
    if (name === 'spend') markSpending(http.getResponse<Response>());
    const decision = await this.#limits.take(policy, clientOf(http.getRequest<EdgeRequest>()));
    http.getResponse<Response>().set(rateLimitHeaders(policy, decision));
    if (decision.allowed) return true;
    throw new DomainError('rate-limited', {
      public: `More than ${policy.quota} requests in ${policy.windowSeconds} s of the class "${policy.name}", must be fewer.`,
      retryAfterSeconds: decision.retryAfterSeconds,
    });
  }
}

const clientOf = (request: EdgeRequest): string =>
  request.principal === undefined ? `ip:${clientNetwork(request.ip ?? '')}` : `principal:${request.principal.rateKey}`;
