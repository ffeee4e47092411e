/** Ids of what live messages changed while a read was under way: the answer is older for them. */
export class LiveIds<Id> {
  readonly #reads = new Set<Set<Id>>();

  add(id: Id): void {
    for (const ids of this.#reads) ids.add(id);
  }

  /** Returns the answer, and the ids added since it was asked for. */
  async during<T>(ask: () => Promise<T>): Promise<readonly [T, ReadonlySet<Id>]> {
    const ids = new Set<Id>();
    this.#reads.add(ids);
    try {
      return [await ask(), ids];
    } finally {
      this.#reads.delete(ids);
    }
  }
}
