/** Runs tasks one after the other, in the order in which they came. One that fails holds up none behind it. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Settles as the task does. */
  take<T>(task: () => T | Promise<T>): Promise<T> {
    const done = this.#last.then(task);
    this.#last = done.catch(() => undefined);
    return done;
  }

  /** Resolves once all earlier tasks are over, successful or not. */
  async over(): Promise<void> {
    await this.#last;
  }
}
