/** Runs tasks one after the other, in order of arrival. A failed task does not block those behind it. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Settles like the task. */
  take<T>(task: () => T | Promise<T>): Promise<T> {
    const done = this.#last.then(task);
    this.#last = done.catch(() => undefined);
    return done;
  }

  /** Resolves once all earlier tasks have settled. */
  async over(): Promise<void> {
    await this.#last;
  }
}
