import { ApiProperty } from '@nestjs/swagger';
import { TextLength } from '../common/text-length.decorator.ts';
import { MISMATCH_REASONS } from './ledger-mismatch.ts';
import type { MismatchReason } from './ledger-mismatch.ts';

const LEDGER_STATES = ['WRITABLE', 'READ_ONLY'] as const;

/** What the ledger has forgotten of one budget. */
export class LedgerShortfallDto {
  @ApiProperty({ example: 'global:FR' })
  budgetId: string;

  /** Final charges. */
  @ApiProperty({ type: 'integer', minimum: 0 })
  missingCharges: number;

  @ApiProperty({ type: 'integer', minimum: 0 })
  missingNanoRho: number;

  /** Probability that an executed law differed from the analysed one. */
  @ApiProperty({ type: 'number', minimum: 0 })
  missingTheta: number;
}

/** Whether the ledger has everything that was marked outside the database. */
export class LedgerStateDto {
  @ApiProperty({ example: 'led_0f8f6f0a4c2b4f0e9d3c5a7b1e2d4c6f' })
  ledgerId: string;

  /** `READ_ONLY`: stored answers can be read, no new question is answered. */
  @ApiProperty({ enum: LEDGER_STATES })
  state: (typeof LEDGER_STATES)[number];

  /** Null while the ledger is writable. */
  @ApiProperty({ enum: MISMATCH_REASONS, nullable: true })
  reason: MismatchReason | null;

  /** What a reconciliation would charge. */
  @ApiProperty({ type: [LedgerShortfallDto] })
  behind: readonly LedgerShortfallDto[];

  /** When a mark was first written; null before. */
  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  markedAt: string | null;
}

export class ReconcileLedgerDto {
  /** Why; kept in the ledger and the audit. */
  @TextLength(1, 500)
  @ApiProperty({ minLength: 1, maxLength: 500, example: 'Backup of 20 November restored after a disk failure' })
  reason: string;
}

/** What a reconciliation has charged. */
export class ReconciledLedgerDto {
  @ApiProperty({ type: [LedgerShortfallDto] })
  charged: readonly LedgerShortfallDto[];

  /** Budgets in the marks whose owner the database does not know; nothing was charged to them. */
  @ApiProperty({ type: [String] })
  unknownBudgets: readonly string[];
}
