import { previewCount, publishedEpsilon } from '#privacy';
import type { CountRelease } from '#privacy';
import type { DataVersion } from '#warehouse';
import { audienceSizePlan } from './precision.ts';
import type { CountQuestion } from './release-question.ts';

/** The noised answer as it is stored and replayed byte for byte. Counts are members. */
export interface ReleaseAnswer {
  readonly releaseId: string;
  readonly kind: CountQuestion['kind'];
  readonly verdict: 'RELEASED' | 'SUPPRESSED';
  readonly reason: 'BELOW_MINIMUM_COHORT' | null;
  readonly value: number | null;
  readonly interval95: readonly [number, number] | null;
  readonly sigma: number;
  readonly nanoRho: number;
  readonly rho: number;
  readonly epsilon: number;
  readonly k: number;
  readonly tau: number;
  readonly beta: number;
  readonly unit: 'member';
  readonly mechanism: 'discrete-gaussian';
  readonly country: string;
  readonly purposes: readonly string[];
  readonly dataVersion: number;
  readonly dataThrough: string;
  readonly consentAsOf: string;
  readonly releasedAt: string;
}

interface AnswerContext {
  readonly releaseId: string;
  readonly question: CountQuestion;
  readonly data: DataVersion;
  readonly visibleAt: number;
}

/** Puts a noised count and its parameters into the stored form. A suppressed one carries no number of its own. */
export function releaseAnswer(release: CountRelease, context: AnswerContext): ReleaseAnswer {
  const { question, data } = context;
  const plan = audienceSizePlan(question.precision);
  const preview = previewCount(plan);
  const shown = release.verdict === 'RELEASED';
  return {
    releaseId: context.releaseId,
    kind: question.kind,
    verdict: release.verdict,
    reason: shown ? null : 'BELOW_MINIMUM_COHORT',
    value: shown ? safeNumber(release.value) : null,
    interval95: shown ? [safeNumber(release.interval95[0]), safeNumber(release.interval95[1])] : null,
    sigma: preview.sigma,
    nanoRho: safeNumber(preview.nanoRho),
    rho: Number(preview.nanoRho) / 1e9,
    epsilon: publishedEpsilon(preview.nanoRho),
    k: safeNumber(plan.k),
    tau: safeNumber(preview.tau),
    beta: plan.beta,
    unit: 'member',
    mechanism: 'discrete-gaussian',
    country: question.country,
    purposes: question.purposes.toSorted(),
    dataVersion: data.version,
    dataThrough: data.dataThrough,
    consentAsOf: data.consentAsOf,
    releasedAt: new Date(context.visibleAt).toISOString(),
  };
}

/** @throws RangeError for an integer that JSON's doubles cannot hold exactly. */
export function safeNumber(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError('a count above 2^53 has no exact JSON number');
  return number;
}
