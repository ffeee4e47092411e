import type { Moved } from '../problem/basis.ts';

/** Urgent entries that may go before a waiting regular one. */
const URGENT_IN_A_ROW = 3;

/** Why a plan is made: what has moved, what happened, or `schedule`, if the previous one grows old or there is none. */
export type Trigger = Moved | 'schedule' | 'spike' | 'assumption-failed' | 'gateway-born' | 'device-lost' | 'operator';

export interface QueueEntry {
  readonly substation: string;
  readonly trigger: Trigger;
}

interface Waiting extends QueueEntry {
  /** When it began to wait, as a count of all requests. */
  readonly since: number;
}

/**
 * Decides which substation is planned next. Each waits at most once, so the queue is never longer than there are substations. Urgent
 * entries go first, but at most three in a row while a regular one waits, and no substation passes the same regular entry twice: neither
 * many events nor one substation's flood of them starves another.
 */
export class PlanQueue {
  readonly #urgent = new Map<string, Waiting>();
  readonly #turn = new Map<string, Waiting>();
  /** When a substation last went as an urgent one, as a count of all requests. */
  readonly #passed = new Map<string, number>();
  #asked = 0;
  #row = 0;

  /** A waiting substation keeps its place, and its trigger unless the new one is urgent. */
  add(entry: QueueEntry, urgent: boolean): void {
    if (this.#urgent.has(entry.substation)) return;
    const since = ++this.#asked;
    if (urgent) {
      this.#urgent.set(entry.substation, { ...entry, since: this.#turn.get(entry.substation)?.since ?? since });
      this.#turn.delete(entry.substation);
    } else if (!this.#turn.has(entry.substation)) this.#turn.set(entry.substation, { ...entry, since });
  }

  /** The next entry whose substation is not `busy`; undefined if there is none. */
  next(busy: { has(substation: string): boolean } = new Set()): QueueEntry | undefined {
    const free = ({ substation }: Waiting): boolean => !busy.has(substation);
    const turn = [...this.#turn.values()].find(free);
    const urgent = [...this.#urgent.values()].find(
      (entry) => free(entry) && (turn === undefined || turn.since > (this.#passed.get(entry.substation) ?? 0)),
    );
    const fromTurn = turn !== undefined && (urgent === undefined || this.#row >= URGENT_IN_A_ROW);
    const found = fromTurn ? turn : urgent;
    if (found === undefined) return undefined;
    this.#row = fromTurn ? 0 : this.#row + 1;
    if (!fromTurn) this.#passed.set(found.substation, this.#asked);
    (fromTurn ? this.#turn : this.#urgent).delete(found.substation);
    return { substation: found.substation, trigger: found.trigger };
  }

  get size(): number {
    return this.#urgent.size + this.#turn.size;
  }
}
