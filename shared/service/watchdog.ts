import type { TimeBase, Timer } from '../time/clock.ts';

export interface WatchdogOptions {
  /** Sends a state such as WATCHDOG=1 to the service manager. Never throws. */
  readonly notify: (state: string) => void;
  readonly everyMs: number;
  readonly machine: TimeBase;
  /** Why the watchdog must not be fed; null if all is well. Without it, a process that still answers is healthy. */
  readonly stalled?: () => string | null;
  readonly onStalled?: (why: string) => void;
}

/**
 * Feeds the service manager's watchdog while the process answers. A gateway also checks that its loop ticks and every driver makes
 * progress, be it an answer or a time-out. A silent device, a full disk or a dead link are no reason to restart.
 */
export class Watchdog {
  readonly #options: WatchdogOptions;
  #timer: Timer | undefined;

  constructor(options: WatchdogOptions) {
    this.#options = options;
  }

  /** Idempotent. */
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
