/** Time steps that the kernel solves in parallel. One vector holds two. */
export const LANES = 8;
export const LANE_BYTES = LANES * 8;

/**
 * Size of a node's record in bytes, and the offset of each value in it. Voltage, current and power have one number per lane; everything
 * else has one number per node. Nodes are in the order of the grid: sources first, each node after its parent.
 */
export const RECORD = {
  vRe: 0,
  vIm: LANE_BYTES,
  jRe: 2 * LANE_BYTES,
  jIm: 3 * LANE_BYTES,
  p: 4 * LANE_BYTES,
  q: 5 * LANE_BYTES,
  r: 6 * LANE_BYTES,
  x: 6 * LANE_BYTES + 8,
  g: 6 * LANE_BYTES + 16,
  b: 6 * LANE_BYTES + 24,
  aRe: 6 * LANE_BYTES + 32,
  aIm: 6 * LANE_BYTES + 40,
  /** 32-bit: address of the parent's record. */
  parent: 6 * LANE_BYTES + 48,
  /** 32-bit: offset in bytes from the start of a row to the value of the node's bus. */
  bus: 6 * LANE_BYTES + 52,
  bytes: 7 * LANE_BYTES,
} as const;

/** Admittances of the branch that feeds a node. They have a table of their own because only losses need them. */
export const BRANCH = {
  gFrom: 0,
  gTo: 8,
  /** 32-bit: addresses of the records of its ends. */
  from: 16,
  to: 20,
  bytes: 24,
} as const;
