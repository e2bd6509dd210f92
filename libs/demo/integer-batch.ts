/** Rows of 32-bit integers gathered column by column, to be appended together. */
export class IntegerBatch {
  readonly columns: readonly Int32Array[];
  readonly #capacity: number;
  #rows = 0;

  constructor(columnCount: number, capacity: number) {
    this.#capacity = capacity;
    this.columns = Array.from({ length: columnCount }, () => new Int32Array(capacity));
  }

  get rows(): number {
    return this.#rows;
  }

  /** Whether `more` rows still fit. */
  fits(more: number): boolean {
    return this.#rows + more <= this.#capacity;
  }

  /** Adds one row, a value per column. */
  add(values: readonly number[]): void {
    for (const [index, column] of this.columns.entries()) column[this.#rows] = values[index] ?? 0;
    this.#rows++;
  }

  /** Value of a column in the row added last. */
  last(column: number): number {
    return this.columns[column]?.[this.#rows - 1] ?? 0;
  }

  clear(): void {
    this.#rows = 0;
  }
}
