import type { Attack } from './attack.ts';
import { collusion } from './collusion.ts';
import { depletion } from './depletion.ts';
import { differencing } from './differencing.ts';
import { equivalentSpellings } from './equivalent-spellings.ts';
import { paraphrases } from './paraphrases.ts';
import { reconstruction } from './reconstruction.ts';
import { sliceAndSum } from './slice-and-sum.ts';
import { snapshotDifference } from './snapshot-difference.ts';
import { suppressionOracle } from './suppression-oracle.ts';
import { totalMinusShown } from './total-minus-shown.ts';

/** How long one may take in a test, milliseconds: a dozen times what it takes on a machine of its own. */
export const LONGEST_MS = 120_000;

/** Attacks that would name a size more exactly than was paid for. */
export const ON_SIZES: readonly Attack[] = [equivalentSpellings, paraphrases, sliceAndSum, totalMinusShown];

/** Attacks that would tell whether one member is counted. */
export const ON_MEMBERS: readonly Attack[] = [differencing, suppressionOracle, snapshotDifference];

/** Attacks that put many answers together, about many members or of several brands. */
export const POOLING: readonly Attack[] = [reconstruction, collusion];

/** Attacks on other brands' budgets. */
export const ON_BUDGETS: readonly Attack[] = [depletion];

/** Every attack, in the order in which they are shown. */
export const ATTACKS: readonly Attack[] = [...ON_SIZES, ...ON_MEMBERS, ...POOLING, ...ON_BUDGETS];
