import type { GuardLever, WatchedValue } from './guard-types.ts';
import type { GuardBound } from '../control/safety-memory.ts';
import { marginOf } from './guard-types.ts';

interface Terminal {
  readonly limit: WatchedValue;
  /** Measured, with what the levers are already on their way to, pu. */
  predicted: number;
}

interface HeadroomInput {
  /** Limits on a terminal's voltage; a silent one bounds nothing. */
  readonly terminals: readonly WatchedValue[];
  readonly levers: readonly GuardLever[];
  readonly bounds: ReadonlyMap<string, GuardBound>;
  readonly marginPct: number;
  /** A lever that has missed its bound for so long does not follow, s. */
  readonly lostAfterS: number;
}

/**
 * How far a lever may go before a terminal reaches its voltage limit. It counts the measured voltage, moves under way and moves of this
 * cycle. Relief of one limit must not push a voltage out of its band.
 */
export class Headroom {
  readonly #terminals: readonly Terminal[];
  readonly #marginPct: number;

  constructor({ terminals, levers, bounds, marginPct, lostAfterS }: HeadroomInput) {
    this.#marginPct = marginPct;
    this.#terminals = terminals
      .filter(({ quantity, value }) => quantity === 'voltagePu' && value !== null && Number.isFinite(value))
      .map((limit) => ({ limit, predicted: limit.value! }));
    for (const lever of levers) {
      const bound = bounds.get(lever.key);
      if (bound === undefined || bound.missS >= lostAfterS || !Number.isFinite(lever.value)) continue;
      const goal = Math.max(bound.min ?? -Infinity, Math.min(bound.max ?? Infinity, lever.value));
      this.take(lever, goal - lever.value);
    }
  }

  /** kW or kvar that the lever may still move in a direction; `own` is the limit for whose sake it moves. */
  room(lever: GuardLever, direction: 1 | -1, own: string): number {
    let least = Infinity;
    for (const { limit, predicted } of this.#terminals) {
      const reach = reachOf(limit, lever);
      if (reach === 0 || limit.id === own) continue;
      const margin = marginOf(limit, this.#marginPct);
      const left = reach * direction > 0 ? limit.max - predicted - margin : predicted - limit.min - margin;
      least = Math.min(least, Math.max(0, left) / Math.abs(reach));
    }
    return least;
  }

  /** Notes a move, signed kW or kvar. */
  take(lever: GuardLever, amount: number): void {
    if (amount === 0) return;
    for (const terminal of this.#terminals) terminal.predicted += reachOf(terminal.limit, lever) * amount;
  }
}

function reachOf({ perKw, perKvar }: WatchedValue, { kind, device }: GuardLever): number {
  const reach = (kind === 'p' ? perKw : perKvar).get(device) ?? 0;
  return Number.isFinite(reach) ? reach : 0;
}
