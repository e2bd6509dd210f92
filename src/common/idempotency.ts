import type { Response } from 'express';
import { DomainError, canonicalJson, sha256Hex } from '#core';
import type { ErrorCode, Json } from '#core';
import { PROBLEMS, jsonText } from './problem.ts';
import { ReplayedRefusal } from './replayed-refusal.ts';

/** A request as far as its repetition is concerned. */
export interface IdempotentRequest {
  /** Whose key it is: id of the principal. */
  readonly owner: string;
  /** Method and route pattern, such as `POST /v1/audiences/:id/sizes`. */
  readonly route: string;
  /** The `Idempotency-Key` header as it came. */
  readonly key: string | undefined;
  /** Whether the operation spends budget or starts work, so that a key must be there. */
  readonly required: boolean;
  /** `requestHash` of everything that decides the answer. */
  readonly requestHash: string;
}

/** What a controller answers. The body is JSON; headers are few, such as `Location`. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface IdempotentAnswer extends Answer {
  readonly replayed: boolean;
}

/** An answer or a refusal as a row holds it. */
export interface StoredOutcome {
  readonly status: number;
  /** JSON text of `{answer: {body, headers}}` or `{refusal: {code, public, errors, extensions}}`. */
  readonly body: string;
}

interface StoredContent {
  readonly answer?: Pick<Answer, 'body' | 'headers'>;
  readonly refusal?: Pick<DomainError['text'], 'public' | 'errors' | 'extensions'> & { readonly code: ErrorCode };
}

const KEY = /^[\x21-\x7E]{1,128}$/;

/** Digest of what decides a request's answer: parameters of path and query, and the body. */
export const requestHash = (content: Json): string => sha256Hex(canonicalJson(content));

/**
 * The key of a request.
 *
 * @returns undefined where there is none and none is required.
 * @throws DomainError 'idempotency-key-required', 'idempotency-key-invalid'
 */
export function checkIdempotencyKey(request: Pick<IdempotentRequest, 'key' | 'required'>): string | undefined {
  if (request.key === undefined || request.key === '') {
    if (!request.required) return undefined;
    throw new DomainError('idempotency-key-required', {
      public: 'The "Idempotency-Key" header is missing, must be there: this operation spends budget or starts work.',
    });
  }
  if (!KEY.test(request.key)) {
    throw new DomainError('idempotency-key-invalid', {
      public: 'The "Idempotency-Key" header is of another form, must be 1 to 128 visible ASCII characters.',
    });
  }
  return request.key;
}

/** Writes an answer's status and headers, and `Idempotent-Replayed` on a replay. @returns the body. */
export function applyAnswer(response: Response, answer: IdempotentAnswer): unknown {
  response.status(answer.status);
  response.set({ ...answer.headers });
  if (answer.replayed) response.set('Idempotent-Replayed', 'true');
  return answer.body;
}

export const storedAnswer = ({ status, body, headers }: Answer): StoredOutcome =>
  store(status, { answer: { body, ...(headers === undefined ? {} : { headers }) } });

export const storedRefusal = ({ code, text }: DomainError): StoredOutcome =>
  store(PROBLEMS[code].status, {
    refusal: {
      code,
      public: text.public,
      ...(text.errors === undefined ? {} : { errors: text.errors }),
      ...(text.extensions === undefined ? {} : { extensions: text.extensions }),
    },
  });

const store = (status: number, content: StoredContent): StoredOutcome => ({ status, body: jsonText(content) });

/** @throws Error where the row was not written by `storedAnswer` or `storedRefusal`. */
export function outcomeOf(status: number | null, body: string | null): StoredOutcome {
  if (status === null || body === null) throw new Error('an idempotency key is done without an outcome');
  return { status, body };
}

/**
 * Gives a stored outcome again.
 *
 * @throws ReplayedRefusal where a refusal was stored.
 */
export function replay({ status, body }: StoredOutcome): IdempotentAnswer {
  const { answer, refusal } = JSON.parse(body) as StoredContent;
  if (refusal !== undefined) {
    const { code, ...text } = refusal;
    throw new ReplayedRefusal(code, text);
  }
  if (answer === undefined) throw new Error('an idempotency key holds neither answer nor refusal');
  return { status, ...answer, replayed: true };
}
