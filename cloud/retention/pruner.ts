import type { Clock, Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';

interface Moment {
  readonly plant: number;
  readonly machine: number;
  /** The cloud stops, and waits for what is under way. */
  readonly stopping?: AbortSignal;
}

/** Forgets a little of one kind at a moment of plant and machine time; answers how much, 0: nothing is left to forget. */
export type Prune = (now: Moment) => number | Promise<number>;

const EVERY_MS = 10 * 60_000;
const AGAIN_MS = 1000;
/** A clock that is set ahead by more than this says nothing of the age of what is kept. */
const LEAP_MS = 3_600_000;
/** So long nothing is forgotten then: time to set the clock right. */
const HELD_MS = 24 * 3_600_000;

/**
 * Lets all that the cloud keeps be forgotten in its time: every ten minutes of plant time a little of each kind, and again soon where more
 * is left. Behind a leap of the clock it waits: one that stands two years ahead for an hour would take what is kept with it.
 */
export class Pruner {
  readonly #prunes: readonly Prune[];
  readonly #clock: Clock;
  #timer: Timer | undefined;
  #again: Timer | undefined;
  #running: Promise<void> | undefined;
  readonly #stopping = new AbortController();
  /** What the wall clock shows beyond what has passed, ms. */
  #aheadMs: number;
  /** By elapsed plant time. */
  #heldUntil = Number.NEGATIVE_INFINITY;

  constructor(prunes: readonly Prune[], clock: Clock) {
    this.#prunes = prunes;
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

  /** One batch of each kind. One that fails holds up no other. */
  turn(): Promise<void> {
    this.#running ??= this.#turn().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #turn(): Promise<void> {
    const { plant, machine } = this.#clock;
    this.#noteLeap();
    if (plant.elapsed() < this.#heldUntil) return;
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
    // In the place of the one that waits: where there is always more, each ten minutes would add another.
    this.#again?.cancel();
    if (forgotten > 0 && this.#timer !== undefined) this.#again = machine.after(AGAIN_MS, () => this.turn());
    if (failures.length > 0) throw failures[0];
  }

  /** Throws where the clock has been set ahead, once; one that is set back ends the wait. */
  #noteLeap(): void {
    const { plant } = this.#clock;
    const aheadMs = plant.now() - plant.elapsed();
    const leapMs = aheadMs - this.#aheadMs;
    if (Math.abs(leapMs) <= LEAP_MS) return;
    this.#aheadMs = aheadMs;
    this.#heldUntil = leapMs > 0 ? plant.elapsed() + HELD_MS : Number.NEGATIVE_INFINITY;
    if (leapMs > 0)
      throw new Error(
        `the clock was set ahead by ${Math.round(leapMs / 3_600_000)} h: nothing is forgotten for a day, so that it can be set right`,
      );
  }
}
