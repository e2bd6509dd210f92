import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { LedgerCommand } from './model-commands.ts';
import type { World } from './model-commands.ts';
import type { LedgerModel } from './ledger-model.ts';
import { copyTables, putTablesBack } from './table-backup.ts';

const WISH = { actor: 'key_manager', reason: 'the disk is gone' };

/** What the gate says it has forgotten, as the model says it. */
function missingIn({ gate }: World): Map<string, { charges: bigint; nanoRho: bigint }> {
  const shortfalls = gate.highWater.mismatch?.shortfalls ?? [];
  return new Map(
    shortfalls.map(({ scopeId, missing: { charges, nanoRho } }) => [scopeId, { charges, nanoRho }] as const),
  );
}

/** The process ends, something may be done without it, and another one starts. */
async function restart(model: LedgerModel, world: World, meanwhile?: () => Promise<void>): Promise<void> {
  await world.gate.close();
  await meanwhile?.();
  world.gate = await world.open();
  model.start();
  assert.deepEqual(missingIn(world), model.missing());
}

export class RestartCommand extends LedgerCommand {
  protected async apply(model: LedgerModel, world: World): Promise<void> {
    await restart(model, world);
  }

  override toString(): string {
    return 'restart';
  }
}

export class BackUpCommand extends LedgerCommand {
  protected async apply(model: LedgerModel, world: World): Promise<void> {
    await copyTables(world.administrator, model.backups.length);
    model.backUp();
  }

  override toString(): string {
    return 'back up';
  }
}

/**
 * Puts one of the backups in the place of the database while no process runs: of the database alone, or of the marks with
 * it, as if none had ever been written.
 */
export class RestoreCommand extends LedgerCommand {
  readonly #which: number;
  readonly #what: 'database' | 'database and marks';

  constructor(which: number, what: 'database' | 'database and marks' = 'database') {
    super();
    this.#which = which;
    this.#what = what;
  }

  override check({ backups }: Readonly<LedgerModel>): boolean {
    return backups.length > 0;
  }

  protected async apply(model: LedgerModel, world: World): Promise<void> {
    const index = this.#which % model.backups.length;
    const backup = model.backups[index];
    assert.ok(backup !== undefined);
    await restart(model, world, async () => {
      await putTablesBack(world.administrator, index);
      model.restore(backup);
      if (this.#what === 'database') return;
      await rm(world.marks, { recursive: true });
      await world.administrator.query('UPDATE ledger_identity SET marked_at = NULL');
      model.forgetMarks();
    });
  }

  override toString(): string {
    return `restore backup ${this.#which} of ${this.#what}`;
  }
}

/** The account manager has charged what was forgotten. */
export class ReconcileCommand extends LedgerCommand {
  protected async apply(model: LedgerModel, world: World): Promise<void> {
    const reconciling = world.gate.restore.reconcile(WISH);
    if (!model.readOnly) {
      await assert.rejects(reconciling, { code: 'conflict' });
      return;
    }
    const { charged } = await reconciling;
    assert.deepEqual(
      new Map(charged.map(({ scopeId, missing: { charges, nanoRho } }) => [scopeId, { charges, nanoRho }])),
      model.missing(),
    );
    model.reconcile();
    assert.equal(model.readOnly, false);
    world.reconciled++;
  }

  override toString(): string {
    return 'reconcile';
  }
}
