/** Urgent entries that may go before one that waits in turn. */
const URGENT_IN_A_ROW = 3;

export interface QueueEntry {
  readonly substation: string;
  readonly trigger: string;
}

/**
 * Which substation is planned next: each waits at most once, urgent ones first, but never more than three in a row while another
 * waits in turn. So none starves, and the queue is never longer than there are substations.
 */
export class PlanQueue {
  readonly #urgent = new Map<string, QueueEntry>();
  readonly #turn = new Map<string, QueueEntry>();
  #row = 0;

  /** A substation that waits already keeps its place, and its trigger unless the new one is urgent. */
  add(entry: QueueEntry, urgent: boolean): void {
    if (this.#urgent.has(entry.substation)) return;
    if (urgent) {
      this.#turn.delete(entry.substation);
      this.#urgent.set(entry.substation, entry);
    } else if (!this.#turn.has(entry.substation)) this.#turn.set(entry.substation, entry);
  }

  next(): QueueEntry | undefined {
    const fromTurn = this.#urgent.size === 0 || (this.#row >= URGENT_IN_A_ROW && this.#turn.size > 0);
    this.#row = fromTurn ? 0 : this.#row + 1;
    const from = fromTurn ? this.#turn : this.#urgent;
    for (const [substation, entry] of from) {
      from.delete(substation);
      return entry;
    }
    return undefined;
  }

  get size(): number {
    return this.#urgent.size + this.#turn.size;
  }
}
