/** Runs a few tasks at once. Others wait, those with precedence first, and are turned away if too many of their kind wait. */
export class FewAtOnce {
  readonly #mostWaiting: number;
  readonly #first: (() => void)[] = [];
  readonly #rest: (() => void)[] = [];
  #free: number;

  constructor(most: number, mostWaiting: number) {
    this.#free = most;
    this.#mostWaiting = mostWaiting;
  }

  /** Settles like the task; undefined: turned away. */
  take<T>(task: () => Promise<T>, goesFirst = false): Promise<T> | undefined {
    const queue = goesFirst ? this.#first : this.#rest;
    return this.#free === 0 && queue.length >= this.#mostWaiting ? undefined : this.#run(task, queue);
  }

  async #run<T>(task: () => Promise<T>, queue: (() => void)[]): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => queue.push(resolve));
    try {
      return await task();
    } finally {
      const next = this.#first.shift() ?? this.#rest.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}
