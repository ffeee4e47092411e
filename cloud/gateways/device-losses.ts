import type { Region } from '../../shared/contracts/region.ts';
import type { TimeBase, Timer } from '../../shared/time/clock.ts';

export interface DeviceLossesOptions {
  readonly region: Region;
  readonly plant: TimeBase;
  /** A device that plans rely on has been gone for a minute. */
  onLost(gateway: string): void;
}

const LOST_AFTER_MS = 60_000;

/** Distinguishes a lost device from a missed reading: only a minute without it triggers a new plan. */
export class DeviceLosses {
  readonly #options: DeviceLossesOptions;
  readonly #planned: ReadonlySet<string>;
  readonly #waiting = new Map<string, Timer>();

  constructor(options: DeviceLossesOptions) {
    this.#options = options;
    this.#planned = new Set(
      options.region.substations.flatMap(({ gateway, devices }) => devices.map(({ id }) => `${gateway}/${id}`)),
    );
  }

  gone(gateway: string, device: string): void {
    const key = `${gateway}/${device}`;
    if (!this.#planned.has(key) || this.#waiting.has(key)) return;
    const timer = this.#options.plant.after(LOST_AFTER_MS, () => {
      this.#waiting.delete(key);
      this.#options.onLost(gateway);
    });
    this.#waiting.set(key, timer);
  }

  back(gateway: string, device: string | undefined): void {
    if (device === undefined) return;
    const key = `${gateway}/${device}`;
    this.#waiting.get(key)?.cancel();
    this.#waiting.delete(key);
  }

  stop(): void {
    for (const timer of this.#waiting.values()) timer.cancel();
    this.#waiting.clear();
  }
}
