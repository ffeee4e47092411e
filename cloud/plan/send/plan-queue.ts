import type { Moved } from '../problem/basis.ts';

/** Urgent entries that may go before one that waits in turn. */
const URGENT_IN_A_ROW = 3;

/** Why a plan is made: what has moved, what happened, or `schedule`, because the one before grows old or there is none. */
export type Trigger = Moved | 'schedule' | 'spike' | 'assumption-failed' | 'gateway-born' | 'device-lost' | 'operator';

export interface QueueEntry {
  readonly substation: string;
  readonly trigger: Trigger;
}

interface Waiting extends QueueEntry {
  /** When it began to wait: a count of all that was asked. */
  readonly since: number;
}

/**
 * Which substation is planned next. Each waits at most once, so the queue is never longer than there are substations. Urgent ones
 * go first, but never more than three in a row while another waits in turn, and none passes twice an entry that waits in turn: so
 * neither many events nor one substation's flood of them starves another.
 */
export class PlanQueue {
  readonly #urgent = new Map<string, Waiting>();
  readonly #turn = new Map<string, Waiting>();
  /** When a substation last went as an urgent one. */
  readonly #passed = new Map<string, number>();
  #asked = 0;
  #row = 0;

  /** A substation that waits already keeps its place, and its trigger unless the new one is urgent. */
  add(entry: QueueEntry, urgent: boolean): void {
    if (this.#urgent.has(entry.substation)) return;
    const since = ++this.#asked;
    if (urgent) {
      this.#urgent.set(entry.substation, { ...entry, since: this.#turn.get(entry.substation)?.since ?? since });
      this.#turn.delete(entry.substation);
    } else if (!this.#turn.has(entry.substation)) this.#turn.set(entry.substation, { ...entry, since });
  }

  /** The next whose substation is not `busy`; undefined where there is none. */
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
