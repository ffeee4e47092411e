import { PlanQueue, type QueueEntry } from './plan-queue.ts';

export interface PlanCrewOptions {
  /** Most plans worked on at once, read before each of them; never two of one substation. */
  readonly mostAtOnce: () => number;
  work(entry: QueueEntry): Promise<void>;
}

/**
 * Works through the plan queue with a number of workers. A slow substation occupies one worker; other requests go to the others. A failure
 * is returned to its requester, and the worker continues.
 */
export class PlanCrew {
  readonly #options: PlanCrewOptions;
  readonly #queue = new PlanQueue();
  readonly #asked = new Map<string, PromiseWithResolvers<void>>();
  readonly #working = new Map<string, Promise<void>>();
  #ended = false;

  constructor(options: PlanCrewOptions) {
    this.#options = options;
  }

  /** Resolves when the substation has been planned after this moment. Requests for a waiting substation share one plan. */
  ask(entry: QueueEntry, urgent: boolean): Promise<void> {
    if (this.#ended) return Promise.resolve();
    const asked = this.#asked.get(entry.substation) ?? Promise.withResolvers<void>();
    this.#asked.set(entry.substation, asked);
    this.#queue.add(entry, urgent);
    this.fill();
    return asked.promise;
  }

  /** Number of substations whose plan is not begun. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** Waiting plans are not begun any more, and their requests resolve. Resolves when no plan is under way. */
  async end(): Promise<void> {
    this.#ended = true;
    for (const { resolve } of this.#asked.values()) resolve();
    this.#asked.clear();
    await Promise.all(this.#working.values());
  }

  /** Begins waiting plans while more may be worked on at once. */
  fill(): void {
    while (!this.#ended && this.#working.size < this.#options.mostAtOnce()) {
      const entry = this.#queue.next(this.#working);
      if (entry === undefined) return;
      const asked = this.#asked.get(entry.substation);
      this.#asked.delete(entry.substation);
      const work = this.#options.work(entry).then(asked?.resolve, asked?.reject);
      this.#working.set(
        entry.substation,
        work.then(() => {
          this.#working.delete(entry.substation);
          this.fill();
        }),
      );
    }
  }
}
