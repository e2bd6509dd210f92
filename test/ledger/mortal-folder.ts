import { HighWaterFolder } from '../../src/releases/high-water-folder.ts';
import type { MarkFile } from '../../src/releases/high-water-folder.ts';
import { MARK_KEY } from './gate.ts';
import type { MortalConnections } from './mortal-connections.ts';

/** The marks of a process that fails on command, at a step of theirs as at a statement. */
export class MortalFolder extends HighWaterFolder {
  readonly #process: MortalConnections;

  constructor(path: string, process: MortalConnections) {
    super(path, MARK_KEY);
    this.#process = process;
  }

  override async read(): Promise<readonly MarkFile[]> {
    return await this.#process.step('read the marks', () => super.read());
  }

  override async add(...args: Parameters<HighWaterFolder['add']>): Promise<string> {
    return await this.#process.step('write a mark', () => super.add(...args));
  }

  override async remove(...args: Parameters<HighWaterFolder['remove']>): Promise<void> {
    await this.#process.step('remove marks', () => super.remove(...args));
  }
}
