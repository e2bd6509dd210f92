/** How finely a report is cut: S for small audiences, L for large ones. */
export type PlanSize = 'S' | 'M' | 'L';

/** A vector of a report: what it counts, and by what. */
export type PartName =
  | 'buyers/day'
  | 'buyers/day×channel'
  | 'buyers/week'
  | 'buyers/week×channel'
  | 'buyers/channel'
  | 'sales/day'
  | 'sales/week'
  | 'sales/week×channel'
  | 'sales/channel'
  | 'sales/total'
  | 'firstBuyers/curve'
  | 'firstBuyers/week'
  | 'firstBuyers/week×channel'
  | 'reach/curves'
  | 'newToBrand/week'
  | 'frequency'
  | 'overlap';

export interface Share {
  readonly name: PartName;
  /** Of the loss of the whole report, in 1/10,000. */
  readonly basisPoints: bigint;
}

/** The shares of a plan sum to this. */
export const BASIS_POINTS = 10_000n;

const share = (name: PartName, basisPoints: bigint): Share => ({ name, basisPoints });

/**
 * How a report's loss is shared out. Marginals that people read are released themselves, not summed from the cells of a
 * cube: a sum of n noisy cells has √n times their noise. The smaller the audience, the coarser they are.
 */
export const SHARES: Readonly<Record<PlanSize, readonly Share[]>> = {
  S: [
    share('buyers/week', 900n),
    share('buyers/channel', 900n),
    share('sales/week', 1500n),
    share('sales/channel', 1750n),
    share('sales/total', 1750n),
    share('firstBuyers/curve', 600n),
    share('firstBuyers/week', 600n),
    share('reach/curves', 400n),
    share('newToBrand/week', 1200n),
    share('frequency', 200n),
    share('overlap', 200n),
  ],
  M: [
    share('buyers/day', 840n),
    share('buyers/week×channel', 1080n),
    share('buyers/channel', 480n),
    share('sales/day', 1440n),
    share('sales/week×channel', 1680n),
    share('sales/channel', 960n),
    share('sales/total', 720n),
    share('firstBuyers/curve', 450n),
    share('firstBuyers/week×channel', 450n),
    share('reach/curves', 200n),
    share('newToBrand/week', 1200n),
    share('frequency', 250n),
    share('overlap', 250n),
  ],
  L: [
    share('buyers/day', 650n),
    share('buyers/day×channel', 1040n),
    share('buyers/week×channel', 520n),
    share('buyers/channel', 390n),
    share('sales/day', 1840n),
    share('sales/week×channel', 1840n),
    share('sales/channel', 552n),
    share('sales/total', 368n),
    share('firstBuyers/curve', 400n),
    share('firstBuyers/week×channel', 400n),
    share('reach/curves', 200n),
    share('newToBrand/week', 1200n),
    share('frequency', 300n),
    share('overlap', 300n),
  ],
};
