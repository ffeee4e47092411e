import { eventSays } from '../../shared/sentences/event-forms.ts';
import type { Condition } from './alarms.ts';

const WINDOW_S = 60;
/** Share of the cycles of a minute that may be missed before the gateway reports it. */
const MOST_MISSED = 0.5;

/** Checks that cycles come as often as they should, so that everything a starved gateway does late is reported as one cause. */
export class OverrunWatch {
  readonly #stepsS: number[] = [];
  #sumS = 0;
  #periodMs = 0;

  /** Adds a cycle that came `stepS` after the previous one. A new period starts a new window, because simulated time changes its speed. */
  update(stepS: number, periodMs: number): Condition[] {
    if (periodMs !== this.#periodMs) {
      this.#periodMs = periodMs;
      this.#stepsS.length = 0;
      this.#sumS = 0;
      return [];
    }
    this.#stepsS.push(stepS);
    this.#sumS += stepS;
    while (this.#sumS - this.#stepsS[0]! >= WINDOW_S) this.#sumS -= this.#stepsS.shift()!;
    const meanS = this.#sumS / this.#stepsS.length;
    if (this.#sumS < WINDOW_S || periodMs / 1000 >= (1 - MOST_MISSED) * meanS) return [];
    return [
      {
        key: 'overrun',
        severity: 'medium',
        ...eventSays(
          'LS-GATEWAY-002',
          'a cycle has come each {mean} s instead of {period} s over the last minute: the gateway has too little processor',
          { mean: meanS.toFixed(1), period: String(periodMs / 1000) },
        ),
      },
    ];
  }
}
