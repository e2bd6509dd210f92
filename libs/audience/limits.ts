/** Bounds of the language. They keep every definition small enough to check, hash, read and run at a known cost. */
export const LIMITS = {
  /** Levels of a rule tree; a lone leaf has depth 1. Holds after references are replaced by what they name. */
  depth: 5,
  /** Leaves of a rule tree. Holds after references are replaced by what they name. */
  leaves: 50,
  /** Codes in one leaf over all its lists, and ids of one list after a category is replaced by its leaf categories. */
  idsPerLeaf: 500,
  /** Longest look-back, days: the retailer keeps 24 months. */
  lookbackDays: 730,
  lookbackMonths: 24,
  /** Largest bound on a number of baskets. */
  baskets: 100_000,
  /** Largest bound on a sum of money, in cents, either sign. */
  cents: 1_000_000_000_000,
  /** Faults named in one refusal. */
  faults: 50,
  /** Offending products named in one refusal, so that a refusal is no way to read a catalogue. */
  productsOutOfScope: 20,
  /** Query parameters of one compiled statement; GoogleSQL takes no more. */
  parameters: 10_000,
  /** Distinct propositions up to which equivalence is decided exactly, by truth table. */
  truthTableAtoms: 12,
} as const;
