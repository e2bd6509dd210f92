/** Injection token of the `Clock`: everything that asks for the time asks this, so that tests can move it. */
export const CLOCK = Symbol('clock');
