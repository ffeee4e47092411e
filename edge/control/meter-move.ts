import type { MeterCheckState } from './state.ts';

/** Heads and meter rest while neither changes by more than this from cycle to cycle, as a share of the transformer's rating. */
const REST = 0.005;
/** Heads and meter are read up to this many cycles apart, so they must rest this long before they are compared. */
const APART = 3;
/** A move between two rests that shows the sign: its least share of the rating, and its longest duration, s. */
const MOVE = 0.08;
const MOVE_S = 30;
/** The meter moved against the heads if the ratio of the two moves is within this of -1, and with them if within this of 1. */
const RATIO = 0.35;

/** Sum of the heads and the transformer's meter, kW; time since the previous reading, s; the transformer's rating, kVA. */
export interface Reading {
  readonly heads: number;
  readonly meter: number;
  readonly stepS: number;
  readonly ratedKva: number;
}

/**
 * A move begins where heads and meter rest and ends where they rest again; it may then have shown the meter's sign. A guard that
 * trusts a reversed meter drives the heads ever further the wrong way until its devices are exhausted. That is such a move, and it
 * is over within seconds, long before a regression over the day's variation has enough samples.
 */
export function moveOf(
  before: MeterCheckState['move'],
  { heads, meter, stepS, ratedKva }: Reading,
): { left: NonNullable<MeterCheckState['move']>; sign: 1 | -1 | null } {
  if (before === undefined) return { left: { from: null, heads, meter, restCycles: 0, movingS: 0 }, sign: null };
  const rests = Math.max(Math.abs(heads - before.heads), Math.abs(meter - before.meter)) < REST * ratedKva;
  const restCycles = rests ? before.restCycles + 1 : 0;
  const movingS = before.movingS + stepS;
  if (restCycles < APART) {
    const from = movingS > MOVE_S ? null : before.from;
    return { left: { from, heads, meter, restCycles, movingS }, sign: null };
  }
  const left = { from: { heads, meter }, heads, meter, restCycles: APART, movingS: 0 };
  return {
    left,
    sign: before.from === null ? null : signOf(heads - before.from.heads, meter - before.from.meter, ratedKva),
  };
}

function signOf(headsKw: number, meterKw: number, ratedKva: number): 1 | -1 | null {
  if (Math.abs(headsKw) < MOVE * ratedKva) return null;
  const ratio = meterKw / headsKw;
  if (Math.abs(ratio + 1) <= RATIO) return -1;
  return Math.abs(ratio - 1) <= RATIO ? 1 : null;
}
