/** Injection token of the `Warehouse`: the only way to member data, and only to counts over it. */
export const WAREHOUSE = Symbol('warehouse');
