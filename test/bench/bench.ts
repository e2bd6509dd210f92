/** What a figure must keep. It is shown, never enforced: a slow machine is no defect. */
export type Hold = { readonly atLeast: number } | { readonly atMost: number };

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly hold?: Hold;
  /** How it was taken, in a few words. */
  readonly note?: string;
}

export interface BenchOptions {
  /** Members of the demo retailer, for benches that read one. */
  readonly members: number;
  /** Tells a person what is being done. */
  readonly progress: (text: string) => void;
}

export interface Bench {
  readonly name: string;
  /** What is measured, in one sentence. */
  readonly about: string;
  readonly run: (options: BenchOptions) => Promise<readonly Figure[]>;
}

/** Whether a figure keeps its hold; undefined where it has none. */
export function keepsHold({ value, hold }: Figure): boolean | undefined {
  if (hold === undefined) return undefined;
  return 'atLeast' in hold ? value >= hold.atLeast : value <= hold.atMost;
}
