import { canonicalJson, sha256Hex } from '#core';
import type { Country, Json, Purpose } from '#core';
import { SIGMA_BY_PRECISION } from './precision.ts';
import type { Precision } from './precision.ts';

/** Changes whenever sampler, bounds or threshold change their law: an old answer is then no answer to a new question. */
const MECHANISM_VERSION = 'discrete-gaussian/1';

/** A count of members that somebody wants to know. Everything that the answer depends on is in it. */
export interface CountQuestion {
  readonly kind: 'audience-size';
  /** Who is charged and who may read the answer. */
  readonly brandId: string;
  readonly country: Country;
  readonly dataVersion: number;
  /** Canonical form of who is counted: equal for equivalent definitions. */
  readonly population: Json;
  readonly purposes: readonly Purpose[];
  readonly precision: Precision;
}

/** The question as canonical data, as it is stored beside the answer. */
export function questionDocument(question: CountQuestion): { readonly [key: string]: Json } {
  return {
    kind: question.kind,
    brandId: question.brandId,
    country: question.country,
    dataVersion: question.dataVersion,
    population: question.population,
    purposes: question.purposes.toSorted(),
    unit: 'member',
    mechanism: MECHANISM_VERSION,
    sigma: Number(SIGMA_BY_PRECISION[question.precision]),
  };
}

/** SHA-256 of the canonical question: equal questions are answered once and replayed ever after. */
export const releaseKey = (question: CountQuestion): string => sha256Hex(canonicalJson(questionDocument(question)));
