import type { TimeBase, Timer } from '../time/clock.ts';

export interface WatchdogOptions {
  /** Tells the service manager one state, such as WATCHDOG=1. Never throws. */
  readonly notify: (state: string) => void;
  readonly everyMs: number;
  readonly machine: TimeBase;
  /** Why it must not be fed, in words; null: all is well. Absent: that this is asked at all says enough. */
  readonly stalled?: () => string | null;
  readonly onStalled?: (why: string) => void;
}

/**
 * Feeds the service manager's watchdog while its process answers. A gateway says too whether the loop ticks and every driver makes
 * progress, be it an answer or a time-out: a device that is silent, a full disk or a dead link are no reason to restart.
 */
export class Watchdog {
  readonly #options: WatchdogOptions;
  #timer: Timer | undefined;

  constructor(options: WatchdogOptions) {
    this.#options = options;
  }

  /** Again is harmless. */
  start(): void {
    if (this.#timer !== undefined) return;
    this.#options.notify('READY=1');
    this.#arm();
  }

  stop(): void {
    if (this.#timer === undefined) return;
    this.#timer.cancel();
    this.#timer = undefined;
    this.#options.notify('STOPPING=1');
  }

  #arm(): void {
    const { machine, everyMs, notify, stalled, onStalled } = this.#options;
    this.#timer = machine.after(everyMs, () => {
      const why = stalled?.() ?? null;
      if (why === null) notify('WATCHDOG=1');
      else onStalled?.(why);
      this.#arm();
    });
  }
}
