import type { SteppedDevice } from './problem.ts';

const segmentOf = ({ levels }: SteppedDevice, position: number): number =>
  Math.max(0, Math.min(levels.length - 2, Math.floor(position)));

/** The level of a position, in the unit of the levels; linear between positions, which the relaxed problem uses. */
export function levelAt(device: SteppedDevice, position: number): number {
  const { levels } = device;
  if (levels.length === 1) return levels[0]!;
  const at = segmentOf(device, position);
  return levels[at]! + (position - at) * (levels[at + 1]! - levels[at]!);
}

/** Change of the level with the position. */
export function slopeAt(device: SteppedDevice, position: number): number {
  const { levels } = device;
  if (levels.length === 1) return 0;
  const at = segmentOf(device, position);
  return levels[at + 1]! - levels[at]!;
}

/** Moves over the steps, from the present position. */
export function movesOf(device: SteppedDevice, positions: Iterable<number>): number {
  let before = device.start;
  let moves = 0;
  for (const position of positions) {
    moves += Math.abs(position - before);
    before = position;
  }
  return moves;
}
