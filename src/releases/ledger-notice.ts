import type { SettledTotals } from './high-water-mark.ts';
import { dueTotals, foreignLedgers, settledIn } from './ledger-mismatch.ts';
import type { MismatchReason, Shortfall, Sighting } from './ledger-mismatch.ts';

/** What was found wrong, and in which folder the marks are. */
export interface Found {
  readonly reasons: readonly MismatchReason[];
  readonly shortfalls: readonly Shortfall[];
  readonly folder: string;
}

const ANYWAY =
  'Where nothing better is left, an account manager charges what is missing and opens the ledger again: POST /admin/v1/ledger/reconcile.';

const REMEDIES: Readonly<Record<MismatchReason, string>> = {
  OTHER_LEDGER:
    'Connect the database these marks belong to, or give this service the folder of its own marks (HAVEN_HIGH_WATER_DIR), and start again. After a reconciliation the charges of the other ledger count here.',
  MARK_UNREADABLE:
    'Give the service the secret it had (HAVEN_SERVICE_SECRET), or put the file back as it was, and start again. After a reconciliation the file counts no more.',
  MARK_LOST:
    'Mount or put back the folder of the marks and start again; all replicas share one. After a reconciliation the ledger is taken as the database has it.',
  LEDGER_BEHIND: 'Put the newer database back and start again.',
};

const DIFFERENCES: Readonly<Record<MismatchReason, (sighting: Sighting, found: Found) => string[]>> = {
  OTHER_LEDGER: (sighting, { folder }) => [
    `The database holds ledger ${sighting.ledger.ledgerId}; in ${folder} are marks of others:`,
    ...foreignLedgers(sighting).map(({ ledgerId, totals }) => `- ${ledgerId} with ${totals.size} budgets`),
  ],
  MARK_UNREADABLE: ({ faults }, { folder }) =>
    faults.map(({ name, fault }) => `${folder}/${name} is not a mark: ${fault}.`),
  MARK_LOST: ({ ledger: { markedAt } }, { folder }) => [
    `A mark was first written ${markedAt === null ? 'before' : `at ${new Date(markedAt).toISOString()}`}, and ${folder} has none.`,
  ],
  LEDGER_BEHIND: ({ ledger }, { shortfalls }) => [
    'The database has forgotten charges: an older backup was restored.',
    ...[...dueTotals(ledger, shortfalls)]
      .filter(([id]) => shortfalls.some(({ scopeId }) => scopeId === id))
      .map(([id, due]) => `- ${id} has ${amounts(settledIn(ledger, id))}, must have ${amounts(due)}`),
  ],
};

/**
 * What the operator is told of a ledger that does not fit its marks: what differs, and what to do. Ids of budgets and
 * amounts only.
 */
export const ledgerNotice = (sighting: Sighting, found: Found): string =>
  [
    'The ledger is READ-ONLY: stored answers can be read, no new question is answered.',
    ...found.reasons.flatMap((reason) => DIFFERENCES[reason](sighting, found)),
    'What to do:',
    ...found.reasons.map((reason) => `- ${REMEDIES[reason]}`),
    `- ${ANYWAY}`,
  ].join('\n');

const amounts = ({ charges, nanoRho, quectoTheta }: SettledTotals): string =>
  `${charges} charges of ${nanoRho} nano-rho${quectoTheta === 0n ? '' : ` and ${quectoTheta} quecto-theta`}`;
