import { every } from '../../shared/time/every.ts';
import type { TimeBase, Timer } from '../../shared/time/clock.ts';
import { familyOf } from '../scenarios/testing/processes.ts';
import { usageOf } from './usage.ts';

const LOOK_MS = 20;

/** Tracks the memory of this process's children whose command contains a text. */
export class ChildWatch {
  /** Highest resident memory of any of them since the watch began, MB. */
  peakMb = 0;
  readonly #timer: Timer;
  /** Earlier children are ignored, because a killed process takes a while to disappear. */
  readonly #before: ReadonlySet<number>;

  constructor(time: TimeBase, command: string) {
    const children = (): number[] =>
      familyOf(process.pid).flatMap((each) => (each.command.includes(command) ? [each.pid] : []));
    this.#before = new Set(children());
    this.#timer = every(time, LOOK_MS, () => {
      for (const pid of children())
        if (!this.#before.has(pid)) this.peakMb = Math.max(this.peakMb, usageOf(pid)?.peakMb ?? 0);
    });
  }

  cancel(): void {
    this.#timer.cancel();
  }
}
