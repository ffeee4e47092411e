import type { GuardBound, GuardCalm } from '../control/safety-memory.ts';
import { towards } from './calm.ts';
import { marginOf, reachOf, type GuardLever, type WatchedValue } from './guard-types.ts';

interface Terminal {
  readonly limit: WatchedValue;
  /** Measured voltage plus the moves that levers are still making, pu. */
  predicted: number;
  /** The same if the relieved load vanished, pu; null if unknown. */
  vanished: number | null;
}

interface HeadroomInput {
  /** Voltage limits at terminals; a silent one bounds nothing. */
  readonly terminals: readonly WatchedValue[];
  readonly levers: readonly GuardLever[];
  readonly bounds: ReadonlyMap<string, GuardBound>;
  readonly marginPct: number;
  /** A lever that has missed its bound for this long does not follow, s. */
  readonly lostAfterS: number;
  readonly calm?: GuardCalm | undefined;
  /** Limits whose reading predates the fall of the load that pulled the voltage down. They do not restrain moves that lower it. */
  readonly outdated: ReadonlySet<string>;
}

/** Inverters trip above this voltage after 2 s; the margin kept from it, pu. */
const TRIP_PU = 1.1;
const TRIP_MARGIN_PU = 0.005;
/** What a ramped lever takes back within this time needs no room, s. */
const QUICK_S = 1;

/**
 * How far a lever may move before a terminal reaches its voltage limit. It counts the measured voltage, moves in progress and moves
 * of this cycle. Relief of one limit must not push a voltage out of its band. A lever gives only what keeps each terminal below
 * 1.10 pu if the relieved load vanished, plus what it takes back within a second, because terminals are read only every few
 * seconds.
 */
export class Headroom {
  readonly #terminals: readonly Terminal[];
  readonly #marginPct: number;
  readonly #outdated: ReadonlySet<string>;

  constructor({ terminals, levers, bounds, marginPct, lostAfterS, calm, outdated }: HeadroomInput) {
    this.#outdated = outdated;
    this.#marginPct = marginPct;
    this.#terminals = terminals
      .filter(({ quantity, value }) => quantity === 'voltagePu' && value !== null && Number.isFinite(value))
      .map((limit) => ({ limit, predicted: limit.value!, vanished: calm?.pu[limit.id] ?? null }));
    for (const lever of levers) {
      const bound = bounds.get(lever.key);
      if (bound === undefined || bound.missS >= lostAfterS || !Number.isFinite(lever.value)) continue;
      const goal = towards(lever, bound);
      this.#move(lever, goal - lever.value, goal - (calm?.levers[lever.key] ?? lever.value));
    }
  }

  /**
   * How far the lever may still move in a direction, kW or kvar. `own`: the limit that it moves for. `isUrgent`: a relay would
   * trip, so what would follow if the load vanished is ignored.
   */
  room(lever: GuardLever, direction: 1 | -1, { own, isUrgent }: { own: string; isUrgent: boolean }): number {
    let least = Infinity;
    for (const { limit, predicted, vanished } of this.#terminals) {
      const reach = reachOf(limit, lever);
      if (reach === 0 || limit.id === own || (reach * direction < 0 && this.#outdated.has(limit.id))) continue;
      const margin = marginOf(limit, this.#marginPct);
      const left = reach * direction > 0 ? limit.max - predicted - margin : predicted - limit.min - margin;
      least = Math.min(least, Math.max(0, left) / Math.abs(reach));
      if (isUrgent || vanished === null || reach * direction < 0) continue;
      const later = (TRIP_PU - TRIP_MARGIN_PU - vanished) / Math.abs(reach) + QUICK_S * (lever.rampKwPerS ?? 0);
      least = Math.min(least, Math.max(0, later));
    }
    return least;
  }

  /** Counts a move, signed kW or kvar. */
  take(lever: GuardLever, amount: number): void {
    this.#move(lever, amount, amount);
  }

  #move(lever: GuardLever, amount: number, sinceCalm: number): void {
    for (const terminal of this.#terminals) {
      const reach = reachOf(terminal.limit, lever);
      terminal.predicted += reach * amount;
      if (terminal.vanished !== null) terminal.vanished += reach * sinceCalm;
    }
  }
}
