import { Turns } from '../../shared/time/turns.ts';
import { isStoreAway } from '../telemetry/store-away.ts';
import type {
  EventQuery,
  EventSearch,
  EventsFound,
  EventStore,
  LoggedEvent,
  SourceEvents,
  StoredEvent,
} from './event-store.ts';

export type EventListener = (event: StoredEvent) => void;

/** Maximum number of events that wait for an unavailable store. Beyond that, the oldest that is not an alarm is dropped first. */
const MOST_PENDING = 1000;

interface PendingEvent {
  readonly source: string;
  readonly event: LoggedEvent;
  readonly receivedAt: number;
}

/** The event queue. Events enter the store in append order, and are then passed to listeners. */
export class EventLog {
  readonly #store: EventStore;
  readonly #onFailure: (error: unknown) => void;
  readonly #turns = new Turns();
  readonly #listeners = new Set<EventListener>();
  /** Events that no source resends, while the store is unavailable; oldest first. Only the latest state of each alarm. */
  #pending: PendingEvent[] = [];
  /** Appended events that neither are in the store nor wait for it; oldest first. */
  readonly #underway = new Set<PendingEvent>();
  /** Events in the store; undefined: not counted. */
  #count: number | undefined;

  /** `onFailure`: the store has refused events that no caller waits for. */
  constructor(store: EventStore, onFailure: (error: unknown) => void) {
    this.#store = store;
    this.#onFailure = onFailure;
  }

  /**
   * Appends events of one source, a gateway or `cloud`; they are in the store once `synced` resolves. While the store is unavailable they
   * wait, and are retried by `settle` and before later events. `receivedAt` is plant time.
   */
  append(source: string, events: readonly LoggedEvent[], receivedAt: number): void {
    const waiting = events.map((event) => ({ source, event, receivedAt }));
    for (const each of waiting) this.#underway.add(each);
    this.#turns
      .take(async () => {
        // Earlier events were refused just now, so another attempt is pointless.
        if (this.#pending.length > 0) return this.#retryLater(waiting);
        try {
          await this.#commit([{ source, events }], receivedAt);
        } catch (error) {
          if (isStoreAway(error)) this.#retryLater(waiting);
          throw error;
        }
      })
      .finally(() => {
        for (const each of waiting) this.#underway.delete(each);
      })
      .catch(this.#onFailure);
  }

  /** Appends all or nothing; returns the new ones. Throws LS-STORE-001. */
  appendAll(groups: readonly SourceEvents[], receivedAt: number): Promise<StoredEvent[]> {
    return this.#turns.take(async () => {
      await this.#retryPending();
      return this.#commit(groups, receivedAt);
    });
  }

  /** Whether an alarm is active by its latest event that is not in the store yet; undefined: there is none. */
  lastWord(source: string, code: string): boolean | undefined {
    let last: PendingEvent | undefined;
    for (const waiting of [this.#pending, this.#underway])
      for (const each of waiting) if (each.source === source && each.event.event.code === code) last = each;
    return last?.event.event.active;
  }

  /** Retries the waiting events. */
  async settle(): Promise<void> {
    await this.#turns.take(() => this.#retryPending());
  }

  #retryLater(more: readonly PendingEvent[]): void {
    for (const each of more) {
      const { code, kind, device, subject } = each.event.event;
      if (kind === 'alarm')
        this.#pending = this.#pending.filter(
          ({ source, event: { event } }) =>
            event.kind !== 'alarm' ||
            source !== each.source ||
            event.code !== code ||
            event.device !== device ||
            event.subject !== subject,
        );
      if (this.#pending.length >= MOST_PENDING)
        this.#pending.splice(
          Math.max(
            0,
            this.#pending.findIndex(({ event: { event } }) => event.kind !== 'alarm'),
          ),
          1,
        );
      this.#pending.push(each);
    }
  }

  /** An event that is refused while the next one is accepted is itself at fault, and is dropped. */
  async #retryPending(): Promise<void> {
    let refused: PendingEvent | undefined;
    let why: unknown;
    for (const next of this.#pending) {
      try {
        await this.#commit([{ source: next.source, events: [next.event] }], next.receivedAt);
      } catch (error) {
        if (refused !== undefined) return;
        refused = next;
        why = error;
        continue;
      }
      this.#pending = this.#pending.filter((each) => each !== next && each !== refused);
      if (refused !== undefined) this.#onFailure(why);
      refused = undefined;
    }
  }

  async #commit(groups: readonly SourceEvents[], receivedAt: number): Promise<StoredEvent[]> {
    const added = await this.#store.commit(groups, receivedAt).catch((error: unknown) => {
      // The commit may have succeeded all the same.
      this.#count = undefined;
      throw error;
    });
    if (this.#count !== undefined) this.#count += added.length;
    for (const view of added) this.#tell(view);
    return added;
  }

  #tell(view: StoredEvent): void {
    for (const listener of this.#listeners)
      try {
        listener(view);
      } catch (error) {
        this.#onFailure(error);
      }
  }

  /** Resolves once everything appended before the call is durable, except what the store has refused. */
  async synced(): Promise<void> {
    await this.#turns.over();
    await this.#store.synced();
  }

  list(query: EventQuery): Promise<StoredEvent[]> {
    return this.#store.list(query);
  }

  search(query: EventSearch): Promise<EventsFound> {
    return this.#store.search(query);
  }

  /** Number of events. The store counts them once, which is slow for many. */
  async count(): Promise<number> {
    return this.#count ?? this.#turns.take(async () => (this.#count ??= await this.#store.count()));
  }

  /** Runs a deletion of old events, which returns how many it deleted. */
  forget(deletion: () => Promise<number>): Promise<number> {
    return this.#turns.take(async () => {
      const count = this.#count;
      // After a failure it is unknown what is deleted.
      this.#count = undefined;
      const forgotten = await deletion();
      if (count !== undefined) this.#count = count - forgotten;
      return forgotten;
    });
  }

  /** Calls the listener for each new event; returns the unsubscribe function. */
  listen(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
