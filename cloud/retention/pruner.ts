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

/**
 * Prunes all that the cloud keeps: every ten minutes of plant time a little of each kind, and again soon while more is left. After the
 * clock leaps ahead the pruner pauses: otherwise a clock that is two years ahead for an hour would delete what must be kept. At a start,
 * a last run more than a day ago counts as a leap: the cloud may have been off, or its clock is wrong.
 */
export class Pruner {
  readonly #prunes: readonly Prune[];
  readonly #clock: Clock;
  readonly #runs: LastRuns;
  #timer: Timer | undefined;
  #again: Timer | undefined;
  #running: Promise<void> | undefined;
  readonly #stopping = new AbortController();
  /** Wall clock minus elapsed time, ms. */
  #aheadMs: number;
  /** By elapsed plant time. */
  #heldUntil = Number.NEGATIVE_INFINITY;
  #isResumed = false;

  constructor(prunes: readonly Prune[], clock: Clock, runs: LastRuns) {
    this.#prunes = prunes;
    this.#runs = runs;
    this.#clock = clock;
    this.#aheadMs = clock.plant.now() - clock.plant.elapsed();
  }

  start(): void {
    this.#timer = every(this.#clock.plant, EVERY_MS, () => this.turn());
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#again?.cancel();
    this.#timer = undefined;
    this.#stopping.abort();
    await this.#running?.catch(() => undefined);
  }

  /** Prunes one batch of each kind. A kind that fails does not block the others. */
  turn(): Promise<void> {
    this.#running ??= this.#turn().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #turn(): Promise<void> {
    const { plant, machine } = this.#clock;
    if (!this.#isResumed) await this.#resume();
    this.#noteLeap();
    if (plant.elapsed() < this.#heldUntil) return;
    const began = plant.now();
    let forgotten = 0;
    const failures: unknown[] = [];
    const { signal: stopping } = this.#stopping;
    for (const prune of this.#prunes) {
      if (stopping.aborted) return;
      try {
        forgotten += await prune({ plant: plant.now(), machine: machine.now(), stopping });
      } catch (error) {
        failures.push(error);
      }
    }
    await this.#runs.set(JOB, began).catch((error: unknown) => failures.push(error));
    // Replaces the pending timer; otherwise every ten minutes would add one while there is more to prune.
    this.#again?.cancel();
    if (forgotten > 0 && this.#timer !== undefined) this.#again = machine.after(AGAIN_MS, () => this.turn());
    if (failures.length > 0) throw failures[0];
  }

  async #resume(): Promise<void> {
    const { plant } = this.#clock;
    const now = plant.now();
    const sinceMs = now - (await this.#runs.seen(JOB, now));
    this.#isResumed = true;
    if (sinceMs > HELD_MS) this.#hold(`the clock is ${hours(sinceMs)} h after the last deletion of old data`);
  }

  /** Throws once if the clock has been set ahead; setting it back ends the pause. */
  #noteLeap(): void {
    const { plant } = this.#clock;
    const aheadMs = plant.now() - plant.elapsed();
    const leapMs = aheadMs - this.#aheadMs;
    if (Math.abs(leapMs) <= LEAP_MS) return;
    this.#aheadMs = aheadMs;
    this.#heldUntil = Number.NEGATIVE_INFINITY;
    if (leapMs > 0) this.#hold(`the clock was set ahead by ${hours(leapMs)} h`);
  }

  #hold(why: string): never {
    this.#heldUntil = this.#clock.plant.elapsed() + HELD_MS;
    throw new Error(`${why}: nothing is deleted for a day, so that it can be corrected`);
  }
}

const hours = (ms: number): number => Math.round(ms / 3_600_000);
