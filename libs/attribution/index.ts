export { MEMBERS_MAX, checkBounds } from './bounds.ts';
export { GRAINS } from './grain.ts';
export type { Grain, Key } from './grain.ts';
export { GRID_DAYS_MAX, weekOf } from './grid.ts';
export type { Grid } from './grid.ts';
export { coordinatesOf } from './marginal.ts';
export type { Coordinate, Marginal, Slot } from './marginal.ts';
export { compileMarginal } from './compile.ts';
export type { MarginalOptions, MarginalStatement } from './compile.ts';
