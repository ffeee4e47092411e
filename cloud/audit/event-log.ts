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

/** Events that wait for a store that refuses them at most: of more the newest are lost. */
const MOST_UNKEPT = 1000;

/** The event queue. Events enter the store in the order they were appended, and listeners receive them then. */
export class EventLog {
  readonly #store: EventStore;
  readonly #onFailure: (error: unknown) => void;
  readonly #turns = new Turns();
  readonly #listeners = new Set<EventListener>();
  /** What the store has refused and nobody sends again, oldest first: an alarm of then stands as soon as the store takes it. */
  readonly #unkept: { readonly groups: readonly SourceEvents[]; readonly receivedAt: number }[] = [];
  /** Events of the store; undefined: it has to be asked. */
  #count: number | undefined;

  /** `onFailure`: the store has refused what nobody waits for. */
  constructor(store: EventStore, onFailure: (error: unknown) => void) {
    this.#store = store;
    this.#onFailure = onFailure;
  }

  /**
   * Of one source, a gateway or `cloud`: it stands in the store once `synced` resolves. What the store refuses is tried again, by `settle`
   * and before whatever comes after it. `receivedAt` is plant time.
   */
  append(source: string, events: readonly LoggedEvent[], receivedAt: number): void {
    const groups = [{ source, events }];
    this.appendAll(groups, receivedAt).catch((error: unknown) => {
      if (this.#unkept.length < MOST_UNKEPT) this.#unkept.push({ groups, receivedAt });
      this.#onFailure(error);
    });
  }

  /** All of it or nothing; answers with what is new. Throws LS-STORE-001. */
  appendAll(groups: readonly SourceEvents[], receivedAt: number): Promise<StoredEvent[]> {
    return this.#turns.take(async () => {
      const isRefused = !(await this.#keepUnkept());
      const added = await this.#commit(groups, receivedAt);
      // A store that takes this one, and the other still not, refuses it for what it is.
      if (isRefused && !(await this.#keepUnkept())) this.#unkept.shift();
      return added;
    });
  }

  /** Tries again what the store has refused. */
  async settle(): Promise<void> {
    await this.#turns.take(() => this.#keepUnkept());
  }

  /** Whether nothing waits any more. */
  async #keepUnkept(): Promise<boolean> {
    try {
      for (let next = this.#unkept[0]; next !== undefined; next = this.#unkept[0]) {
        await this.#commit(next.groups, next.receivedAt);
        this.#unkept.shift();
      }
      return true;
    } catch {
      return false;
    }
  }

  async #commit(groups: readonly SourceEvents[], receivedAt: number): Promise<StoredEvent[]> {
    const added = await this.#store.commit(groups, receivedAt).catch((error: unknown) => {
      // It may stand there all the same.
      this.#count = undefined;
      throw error;
    });
    if (this.#count !== undefined) this.#count += added.length;
    for (const view of added) for (const listener of this.#listeners) listener(view);
    return added;
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
