import type { SystemView } from '../../shared/contracts/system.ts';
import { EACH_MS, type LoopDelay } from './loop-delays.ts';

/** Number of delays in a minute. */
const SAMPLES = 60_000 / EACH_MS;

/** How late a thread's timers fired in the last minute, and how much of it the thread computed. */
export class LoopFigures {
  readonly #late = new Float64Array(SAMPLES);
  readonly #cpu = new Float64Array(SAMPLES);
  #count = 0;

  add({ lateS, cpuS }: LoopDelay): void {
    const at = this.#count++ % SAMPLES;
    this.#late[at] = lateS;
    this.#cpu[at] = cpuS;
  }

  /** Null: nothing has been measured yet. */
  view(): SystemView['lag']['thread'] {
    const count = Math.min(this.#count, SAMPLES);
    if (count === 0) return null;
    const late = this.#late.slice(0, count).sort();
    const sum = (of: Float64Array): number => of.subarray(0, count).reduce((all, each) => all + each, 0);
    const seconds = (count * EACH_MS) / 1000 + sum(this.#late);
    const lateMs = (share: number): number => 1000 * late[Math.min(count - 1, Math.floor(share * count))]!;
    return {
      seconds,
      lateP50Ms: lateMs(0.5),
      lateP99Ms: lateMs(0.99),
      lateMaxMs: lateMs(1),
      busyPct: (100 * sum(this.#cpu)) / seconds,
    };
  }
}
