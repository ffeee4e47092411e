import { Turns } from '../../shared/time/turns.ts';
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

/** The event queue. Events enter the store in the order they were appended, and listeners receive them then. */
export class EventLog {
  readonly #store: EventStore;
  readonly #onFailure: (error: unknown) => void;
  readonly #turns = new Turns();
  readonly #listeners = new Set<EventListener>();
  /** Events of the store; undefined: it has to be asked. */
  #count: number | undefined;

  /** `onFailure`: the store has refused what nobody waits for. */
  constructor(store: EventStore, onFailure: (error: unknown) => void) {
    this.#store = store;
    this.#onFailure = onFailure;
  }

  /** Of one source, a gateway or `cloud`: it stands in the store once `synced` resolves. `receivedAt` is plant time. */
  append(source: string, events: readonly LoggedEvent[], receivedAt: number): void {
    this.appendAll([{ source, events }], receivedAt).catch(this.#onFailure);
  }

  /** All of it or nothing; answers with what is new. Throws LS-STORE-001. */
  appendAll(groups: readonly SourceEvents[], receivedAt: number): Promise<StoredEvent[]> {
    return this.#turns.take(async () => {
      const added = await this.#store.commit(groups, receivedAt).catch((error: unknown) => {
        // It may stand there all the same.
        this.#count = undefined;
        throw error;
      });
      if (this.#count !== undefined) this.#count += added.length;
      for (const view of added) for (const listener of this.#listeners) listener(view);
      return added;
    });
  }

  /** Resolves once all that was appended before the call is on the medium, but for what the store has refused. */
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

  /** How many there are. The store counts them once, which takes the longer the more there are. */
  async count(): Promise<number> {
    return this.#count ?? this.#turns.take(async () => (this.#count ??= await this.#store.count()));
  }

  /** Some of the oldest are not in the store any more: they are counted anew when somebody asks. */
  async forgot(): Promise<void> {
    await this.#turns.take(async () => {
      this.#count = undefined;
    });
  }

  /** Calls for each event that is appended from now on; returns what ends it. */
  listen(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
