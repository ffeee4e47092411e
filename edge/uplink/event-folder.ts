import type { LoadstoneEvent } from '../../shared/contracts/event.ts';

const WINDOW_MS = 10_000;
const MAX_KINDS = 1000;

interface Folded {
  /** Elapsed machine time at which the window ends. */
  until: number;
  last: LoadstoneEvent | undefined;
  count: number;
}

/**
 * Folds repeats: the first event of a kind passes, those within the next 10 s become one with a count. Acts of people and outcomes
 * are never folded.
 */
export class EventFolder {
  #kinds = new Map<string, Folded>();

  /** The event if it is to be kept now; undefined if it was folded. */
  add(event: LoadstoneEvent, elapsedMs: number): LoadstoneEvent | undefined {
    if (event.kind === 'audit' || event.kind === 'outcome') return event;
    const key = keyOf(event);
    const folded = this.#kinds.get(key);
    if (folded !== undefined) {
      folded.last = event;
      folded.count += event.count ?? 1;
      return undefined;
    }
    if (this.#kinds.size < MAX_KINDS) {
      this.#kinds.set(key, { until: elapsedMs + WINDOW_MS, last: undefined, count: 0 });
    }
    return event;
  }

  /** Folded events whose window has ended, in order of time. Their kinds continue to be folded. */
  due(elapsedMs: number): LoadstoneEvent[] {
    const events: LoadstoneEvent[] = [];
    for (const [key, folded] of this.#kinds) {
      if (elapsedMs < folded.until) continue;
      if (folded.last === undefined) {
        this.#kinds.delete(key);
        continue;
      }
      events.push({ ...folded.last, count: folded.count });
      folded.until = elapsedMs + WINDOW_MS;
      folded.last = undefined;
      folded.count = 0;
    }
    return events.sort((a, b) => a.time - b.time);
  }
}

const keyOf = ({ kind, code, device, subject, active, severity }: LoadstoneEvent): string =>
  JSON.stringify([kind, code, device, subject, active, severity]);
