import { isDeepStrictEqual } from 'node:util';
import type { Region } from '../../shared/contracts/region.ts';
import type { Clock, Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import type { Changes } from '../read-model/change-feed.ts';
import { ReadModel } from '../read-model/read-model.ts';
import { firmPart, momentOf, type Moment } from './moment.ts';
import type { MomentStore, RecordedMoment } from './moment-store.ts';

export interface RecorderOptions {
  readonly region: Region;
  readonly clock: Clock;
  readonly feed: { since(position: number): Changes<unknown> };
  readonly store: MomentStore;
  onFailure(error: unknown): void;
}

const LOOK_MS = 1_000;
/** How often changed numbers are recorded, ms of plant time. */
const NUMBERS_MS = 60_000;
/** An unchanged moment is recorded again after this long, ms of plant time, so that a gap in the recording differs from a quiet period. */
export const AGAIN_MS = 900_000;

interface Recorded extends Omit<RecordedMoment, 'gateway'> {
  readonly firm: unknown;
}

/** Records the state of the substations as it changes, for later playback. */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #model = new ReadModel<unknown>();
  readonly #recorded = new Map<string, Recorded>();
  #timer: Timer | undefined;
  #looking: Promise<void> = Promise.resolve();
  #hasFailed = false;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = every(this.#options.clock.machine, LOOK_MS, () => {
      this.#looking = this.#lookOnce();
      return this.#looking;
    });
  }

  /** Waits for the recording in progress. */
  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#looking;
  }

  /** Reports an unavailable store once, not every second. */
  async #lookOnce(): Promise<void> {
    try {
      await this.look();
      this.#hasFailed = false;
    } catch (error) {
      if (!this.#hasFailed) this.#options.onFailure(error);
      this.#hasFailed = true;
    }
  }

  /** Records what has changed. The next look retries whatever the store refused. */
  async look(): Promise<void> {
    const { region, clock, feed, store } = this.#options;
    this.#model.take(feed.since(this.#model.position));
    const at = clock.plant.now();
    const due = region.substations.flatMap((substation) => {
      const { gateway } = substation;
      const moment = momentOf(substation, this.#model);
      const firm = firmPart(moment);
      return this.#isDue(gateway, { at, moment, firm }) ? [{ gateway, at, moment, firm }] : [];
    });
    if (due.length === 0) return;
    await store.put(due);
    for (const { gateway, ...recorded } of due) this.#recorded.set(gateway, recorded);
  }

  #isDue(gateway: string, { at, moment, firm }: { at: number; moment: Moment; firm: unknown }): boolean {
    const before = this.#recorded.get(gateway);
    if (before === undefined || at < before.at || at - before.at >= AGAIN_MS) return true;
    if (!isDeepStrictEqual(firm, before.firm)) return true;
    return at - before.at >= NUMBERS_MS && !isDeepStrictEqual(moment, before.moment);
  }
}
