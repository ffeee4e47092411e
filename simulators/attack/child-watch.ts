import { every } from '../../shared/time/every.ts';
import type { TimeBase, Timer } from '../../shared/time/clock.ts';
import { familyOf } from '../scenarios/testing/processes.ts';
import { usageOf } from './usage.ts';

const LOOK_MS = 20;

/** Watches the memory of the children of this process whose command holds a text. */
export class ChildWatch {
  /** The most that one of them has been resident with since the watch began, MB. */
  peakMb = 0;
  readonly #timer: Timer;
  /** Those of before are not looked at: what is killed takes a while to go. */
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
