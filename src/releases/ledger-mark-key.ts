/** Injection token of the `Secret<Buffer>` that signs high-water marks. */
export const LEDGER_MARK_KEY = Symbol('ledger-mark-key');
