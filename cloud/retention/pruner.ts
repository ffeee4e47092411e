import type { Clock, Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';

/** Forgets a little of one kind at a moment of plant and machine time; answers how much, 0: nothing is left to forget. */
export type Prune = (now: { readonly plant: number; readonly machine: number }) => number | Promise<number>;

const EVERY_MS = 10 * 60_000;
const AGAIN_MS = 1000;

/** Lets all that the cloud keeps be forgotten in its time: every ten minutes of plant time a little of each kind, and again soon where more is left. */
export class Pruner {
  readonly #prunes: readonly Prune[];
  readonly #clock: Clock;
  #timer: Timer | undefined;
  #again: Timer | undefined;
  #running: Promise<void> | undefined;

  constructor(prunes: readonly Prune[], clock: Clock) {
    this.#prunes = prunes;
    this.#clock = clock;
  }

  start(): void {
    this.#timer = every(this.#clock.plant, EVERY_MS, () => this.turn());
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#again?.cancel();
    this.#timer = undefined;
    await this.#running?.catch(() => undefined);
  }

  /** One batch of each kind. One that fails holds up no other. */
  turn(): Promise<void> {
    this.#running ??= this.#turn().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #turn(): Promise<void> {
    const { plant, machine } = this.#clock;
    let forgotten = 0;
    const failures: unknown[] = [];
    for (const prune of this.#prunes) {
      try {
        forgotten += await prune({ plant: plant.now(), machine: machine.now() });
      } catch (error) {
        failures.push(error);
      }
    }
    // In the place of the one that waits: where there is always more, each ten minutes would add another.
    this.#again?.cancel();
    if (forgotten > 0 && this.#timer !== undefined) this.#again = machine.after(AGAIN_MS, () => this.turn());
    if (failures.length > 0) throw failures[0];
  }
}
