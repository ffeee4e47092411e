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

/**
 * Sum of the heads and the transformer's meter, kW; time since the previous reading, s; the transformer's rating, kVA. By head: its
 * power, and the sum of the devices behind it where all of them are heard, kW.
 */
export interface Reading {
  readonly heads: number;
  readonly byHead: Readonly<Record<string, number>>;
  readonly byDevices: Readonly<Record<string, number>>;
  readonly meter: number;
  readonly stepS: number;
  readonly ratedKva: number;
}

/**
 * A move begins where heads and meter rest and ends where they rest again; it may then have shown the meter's sign. A guard that
 * trusts a reversed meter drives the heads ever further the wrong way until its devices are exhausted. That is such a move, and it
 * is over within seconds, long before a regression over the day's variation has enough samples. `suspects`: the heads that would
 * explain a move against the meter as well, if they were reversed.
 */
export function moveOf(
  before: MeterCheckState['move'],
  reading: Reading,
): { left: NonNullable<MeterCheckState['move']>; sign: 1 | -1 | null; suspects: readonly string[] } {
  const { heads, meter, byHead, byDevices, stepS, ratedKva } = reading;
  const nothing = { sign: null, suspects: [] };
  if (before === undefined) return { left: { from: null, heads, meter, restCycles: 0, movingS: 0 }, ...nothing };
  const rests = Math.max(Math.abs(heads - before.heads), Math.abs(meter - before.meter)) < REST * ratedKva;
  const restCycles = rests ? before.restCycles + 1 : 0;
  const movingS = before.movingS + stepS;
  if (restCycles < APART) {
    const from = movingS > MOVE_S ? null : before.from;
    return { left: { from, heads, meter, restCycles, movingS }, ...nothing };
  }
  const left = { from: { heads, meter, byHead, byDevices }, heads, meter, restCycles: APART, movingS: 0 };
  const { from } = before;
  if (from?.byHead === undefined) return { left, ...nothing };
  const moved = { heads: heads - from.heads, meter: meter - from.meter };
  const sign = signOf(moved.heads, moved.meter, ratedKva);
  return {
    left,
    sign,
    suspects: sign === -1 ? suspectsOf(moved, changes(from.byHead, byHead), changes(from.byDevices, byDevices)) : [],
  };
}

function signOf(headsKw: number, meterKw: number, ratedKva: number): 1 | -1 | null {
  if (Math.abs(headsKw) < MOVE * ratedKva) return null;
  const ratio = meterKw / headsKw;
  if (Math.abs(ratio + 1) <= RATIO) return -1;
  return Math.abs(ratio - 1) <= RATIO ? 1 : null;
}

/** A head that moved as its own devices did reads correctly. Any other is a suspect if the meter agrees with its opposite. */
function suspectsOf(
  { heads, meter }: { readonly heads: number; readonly meter: number },
  byHead: ReadonlyMap<string, number>,
  byDevices: ReadonlyMap<string, number>,
): string[] {
  return [...byHead].flatMap(([id, kw]) => {
    const isProven = Math.abs(kw - (byDevices.get(id) ?? 0)) <= RATIO * Math.abs(kw);
    const isOpposite = Math.abs(meter - (heads - 2 * kw)) <= 2 * RATIO * Math.abs(heads);
    return isOpposite && !isProven ? [id] : [];
  });
}

const changes = (before: Reading['byHead'] = {}, now: Reading['byHead']): ReadonlyMap<string, number> =>
  new Map(
    Object.entries(now).flatMap(([id, kw]) => {
      const earlier = before[id];
      return earlier === undefined ? [] : [[id, kw - earlier] as const];
    }),
  );
