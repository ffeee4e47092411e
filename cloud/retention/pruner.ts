import type { Clock, Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import type { LastRuns } from '../schedule/last-runs.ts';

interface Moment {
  readonly plant: number;
  readonly machine: number;
  /** Aborted when the cloud stops; the cloud then waits for work under way. */
  readonly stopping?: AbortSignal;
}

/** Deletes a little of one kind at a moment of plant and machine time; returns how much, 0: nothing is left to delete. */
export type Prune = (now: Moment) => number | Promise<number>;

const EVERY_MS = 10 * 60_000;
const AGAIN_MS = 1000;
/** A clock set ahead by more than this says nothing about the age of stored data. */
const LEAP_MS = 3_600_000;
/** Pruning then pauses for this long, which leaves time to set the clock right. */
const HELD_MS = 24 * 3_600_000;
const JOB = 'prune';
/** The end of the last pause, so that a cloud that restarts every day does not begin the same one again and again. */
const PAUSE_JOB = 'prune-pause';

interface Lane {
  readonly prune: Prune;
  again: Timer | undefined;
  running: Promise<void> | undefined;
}

/**
 * Prunes all that the cloud keeps: every ten minutes of plant time a little of each kind, and again soon while more of it is left. A kind
 * that fails, or does not end, holds up no other. After the clock leaps ahead the pruner pauses: otherwise a clock that is two years ahead
 * for an hour would delete what must be kept. At a start, a last run more than a day ago counts as a leap: the cloud may have been off, or
 * its clock is wrong.
 */
export class Pruner {
  readonly #lanes: readonly Lane[];
  readonly #clock: Clock;
  readonly #runs: LastRuns;
  #timers: readonly Timer[] = [];
  #resuming: Promise<void> | undefined;
  readonly #stopping = new AbortController();
  /** Wall clock minus elapsed time, ms. */
  #aheadMs: number;
  /** By elapsed plant time. */
  #heldUntil = Number.NEGATIVE_INFINITY;
  #isResumed = false;
  #isPauseNoted = false;

  constructor(prunes: readonly Prune[], clock: Clock, runs: LastRuns) {
    const noteRun: Prune = async ({ plant }) => {
      await this.#noteRun(plant);
      return 0;
    };
    this.#lanes = [...prunes, noteRun].map((prune) => ({ prune, again: undefined, running: undefined }));
    this.#runs = runs;
    this.#clock = clock;
    this.#aheadMs = clock.plant.now() - clock.plant.elapsed();
  }

  start(): void {
    this.#timers = this.#lanes.map((lane) => every(this.#clock.plant, EVERY_MS, () => this.#turn(lane)));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const timer of this.#timers) timer.cancel();
    for (const lane of this.#lanes) lane.again?.cancel();
    await Promise.allSettled(this.#lanes.flatMap(({ running }) => running ?? []));
  }

  /** Prunes one batch of a kind, unless it is still at the last one. */
  #turn(lane: Lane): Promise<void> {
    lane.running ??= this.#prune(lane).finally(() => (lane.running = undefined));
    return lane.running;
  }

  async #prune(lane: Lane): Promise<void> {
    const { plant, machine } = this.#clock;
    const { signal: stopping } = this.#stopping;
    if (!this.#isResumed) await (this.#resuming ?? this.#resume());
    if (!this.#isResumed) return;
    this.#noteLeap();
    if (stopping.aborted || plant.elapsed() < this.#heldUntil) return;
    const forgotten = await lane.prune({ plant: plant.now(), machine: machine.now(), stopping });
    // Replaces the pending timer; otherwise every ten minutes would add one while there is more to prune.
    lane.again?.cancel();
    if (forgotten > 0 && !stopping.aborted) lane.again = machine.after(AGAIN_MS, () => this.#turn(lane));
  }

  async #noteRun(now: number): Promise<void> {
    await this.#runs.set(JOB, now);
    if (!this.#isPauseNoted) return;
    await this.#runs.set(PAUSE_JOB, 0);
    this.#isPauseNoted = false;
  }

  /** Looks at the last run; if others wait for the answer, the first caller alone throws. */
  async #resume(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#resuming = promise;
    const { plant } = this.#clock;
    const now = plant.now();
    try {
      const sinceMs = now - (await this.#runs.seen(JOB, now));
      const leftMs = sinceMs > HELD_MS ? await this.#pauseLeft(now) : 0;
      this.#heldUntil = plant.elapsed() + leftMs;
      this.#isResumed = true;
      if (leftMs > 0)
        throw new Error(`the clock is ${hours(sinceMs)} h after the last deletion of old data: ${held(leftMs)}`);
    } finally {
      this.#resuming = undefined;
      resolve();
    }
  }

  /** What is left of the pause of an earlier run, ms. One that ended or ends more than a day from now was for another leap. */
  async #pauseLeft(now: number): Promise<number> {
    const until = now + HELD_MS;
    this.#isPauseNoted = true;
    const leftMs = (await this.#runs.seen(PAUSE_JOB, until)) - now;
    if (Math.abs(leftMs) <= HELD_MS) return leftMs;
    await this.#runs.set(PAUSE_JOB, until);
    return HELD_MS;
  }

  /** Throws once if the clock has been set ahead; setting it back ends the pause. */
  #noteLeap(): void {
    const { plant } = this.#clock;
    const aheadMs = plant.now() - plant.elapsed();
    const leapMs = aheadMs - this.#aheadMs;
    if (Math.abs(leapMs) <= LEAP_MS) return;
    this.#aheadMs = aheadMs;
    this.#heldUntil = Number.NEGATIVE_INFINITY;
    if (leapMs <= 0) return;
    this.#heldUntil = plant.elapsed() + HELD_MS;
    throw new Error(`the clock was set ahead by ${hours(leapMs)} h: ${held(HELD_MS)}`);
  }
}

const held = (ms: number): string =>
  `nothing is deleted for ${ms === HELD_MS ? 'a day' : `${hours(ms)} h`}, so that it can be corrected`;

const hours = (ms: number): number => Math.round(ms / 3_600_000);
