import { createHmac, timingSafeEqual } from 'node:crypto';
import { canonicalJson } from '#core';
import type { Json } from '#core';

/** What one budget has ever made final. Each of the three only grows. */
export interface SettledTotals {
  /** Number of charges. */
  readonly charges: bigint;
  readonly nanoRho: bigint;
  /** θ in units of 1e-30. */
  readonly quectoTheta: bigint;
}

export const NOTHING_SETTLED: SettledTotals = { charges: 0n, nanoRho: 0n, quectoTheta: 0n };

/** By scope id. */
export type TotalsByScope = ReadonlyMap<string, SettledTotals>;

/** What a ledger had given out at a time, at least. */
export interface HighWaterMark {
  readonly ledgerId: string;
  readonly totals: TotalsByScope;
  /** Milliseconds since the epoch: all of the totals was settled before. */
  readonly writtenAt: number;
  /** The database was exchanged for an older one while it was in use, after this was marked. */
  readonly exchanged: boolean;
}

/** What a mark's file says. */
export interface MarkContent extends HighWaterMark {
  /** Names of files that count no more since this one is there. */
  readonly replaces: readonly string[];
}

const VERSION = 1;
const AMOUNT = /^\d{1,30}$/;

/** A file that is no mark of this service. The text says why, for the operator. */
export class MarkError extends Error {
  override readonly name = 'MarkError';
}

/** Whether every part of `totals` is at least that of `other`. */
export const reaches = (totals: SettledTotals, other: SettledTotals): boolean =>
  totals.charges >= other.charges && totals.nanoRho >= other.nanoRho && totals.quectoTheta >= other.quectoTheta;

export const plus = (a: SettledTotals, b: SettledTotals): SettledTotals => ({
  charges: a.charges + b.charges,
  nanoRho: a.nanoRho + b.nanoRho,
  quectoTheta: a.quectoTheta + b.quectoTheta,
});

/** What is missing for `totals` to reach `other`; zero where nothing is. */
export const shortOf = (totals: SettledTotals, other: SettledTotals): SettledTotals => ({
  charges: excess(other.charges, totals.charges),
  nanoRho: excess(other.nanoRho, totals.nanoRho),
  quectoTheta: excess(other.quectoTheta, totals.quectoTheta),
});

const excess = (a: bigint, b: bigint): bigint => (a > b ? a - b : 0n);

/** The least totals that reach all of these. */
export const least = (totals: readonly SettledTotals[]): SettledTotals =>
  totals.reduce((sum, one) => plus(sum, shortOf(sum, one)), NOTHING_SETTLED);

/** The text of a mark's file: JSON with an HMAC-SHA-256 over the canonical JSON of everything else in it. */
export function signedMark({ ledgerId, totals, writtenAt, exchanged, replaces }: MarkContent, key: Buffer): string {
  const scopes = Object.fromEntries(
    [...totals].map(([scope, { charges, nanoRho, quectoTheta }]) => [
      scope,
      { charges: charges.toString(), nanoRho: nanoRho.toString(), quectoTheta: quectoTheta.toString() },
    ]),
  );
  const instant = new Date(writtenAt).toISOString();
  const content = { version: VERSION, ledgerId, writtenAt: instant, exchanged, replaces, scopes };
  return `${JSON.stringify({ ...content, hmac: hmacOf(content, key).toString('hex') })}\n`;
}

/**
 * Reads a mark's file.
 *
 * @throws MarkError when the text is not whole, was altered, was signed with another key or is of another version.
 */
export function verifiedMark(text: string, key: Buffer): MarkContent {
  const { hmac, ...content } = jsonObject(text);
  const given = Buffer.from(typeof hmac === 'string' ? hmac : '', 'hex');
  const right = hmacOf(content, key);
  if (given.length !== right.length || !timingSafeEqual(given, right)) {
    throw new MarkError('its signature does not fit: it was altered, or signed under another service secret');
  }
  const { version, ledgerId, exchanged, replaces, scopes } = content;
  if (version !== VERSION) throw new MarkError(`it is of version ${JSON.stringify(version)}, must be ${VERSION}`);
  const writtenAt = typeof content['writtenAt'] === 'string' ? Date.parse(content['writtenAt']) : Number.NaN;
  if (typeof ledgerId !== 'string' || typeof exchanged !== 'boolean' || Number.isNaN(writtenAt)) throw malformed();
  if (!isTextList(replaces) || !isObject(scopes)) throw malformed();
  const totals = new Map(Object.entries(scopes).map(([scope, value]) => [scope, totalsOf(value)]));
  return { ledgerId, totals, writtenAt, exchanged, replaces };
}

const hmacOf = (content: Json, key: Buffer): Buffer =>
  createHmac('sha256', key).update(canonicalJson(content), 'utf8').digest();

type JsonObject = Readonly<Record<string, Json>>;

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isTextList = (value: Json | undefined): value is readonly string[] =>
  Array.isArray(value) && value.every((entry) => typeof entry === 'string');

function jsonObject(text: string): JsonObject {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    throw new MarkError('it is not JSON');
  }
  if (!isObject(value)) throw malformed();
  return value;
}

function totalsOf(value: Json): SettledTotals {
  if (!isObject(value)) throw malformed();
  return {
    charges: amount(value['charges']),
    nanoRho: amount(value['nanoRho']),
    quectoTheta: amount(value['quectoTheta']),
  };
}

function amount(value: Json | undefined): bigint {
  if (typeof value !== 'string' || !AMOUNT.test(value)) throw malformed();
  return BigInt(value);
}

const malformed = (): MarkError => new MarkError('it is not of the form of a mark');
