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

/** Events that wait for a store that is away at most: of more those go first that are no alarm, the oldest first. */
const MOST_UNKEPT = 1000;

interface Unkept {
  readonly source: string;
  readonly event: LoggedEvent;
  readonly receivedAt: number;
}

/** The event queue. Events enter the store in the order they were appended, and listeners receive them then. */
export class EventLog {
  readonly #store: EventStore;
  readonly #onFailure: (error: unknown) => void;
  readonly #turns = new Turns();
  readonly #listeners = new Set<EventListener>();
  /** What nobody sends again, while the store is away; oldest first. Of an alarm it is the last word. */
  #unkept: Unkept[] = [];
  /** Events of the store; undefined: it has to be asked. */
  #count: number | undefined;

  /** `onFailure`: the store has refused what nobody waits for. */
  constructor(store: EventStore, onFailure: (error: unknown) => void) {
    this.#store = store;
    this.#onFailure = onFailure;
  }

  /**
   * Of one source, a gateway or `cloud`: it stands in the store once `synced` resolves. While the store is away it waits, and is tried again
   * by `settle` and before whatever comes after it. `receivedAt` is plant time.
   */
  append(source: string, events: readonly LoggedEvent[], receivedAt: number): void {
    const waiting = events.map((event) => ({ source, event, receivedAt }));
    this.#turns
      .take(async () => {
        // Others were refused just now: nobody waits for one more answer.
        if (this.#unkept.length > 0) return this.#keepLater(waiting);
        try {
          await this.#commit([{ source, events }], receivedAt);
        } catch (error) {
          if (isStoreAway(error)) this.#keepLater(waiting);
          throw error;
        }
      })
      .catch(this.#onFailure);
  }

  /** All of it or nothing; answers with what is new. Throws LS-STORE-001. */
  appendAll(groups: readonly SourceEvents[], receivedAt: number): Promise<StoredEvent[]> {
    return this.#turns.take(async () => {
      await this.#keepUnkept();
      return this.#commit(groups, receivedAt);
    });
  }

  /** Whether an alarm stands by the last word of it that waits for the store; undefined: none waits. */
  lastWord(source: string, code: string): boolean | undefined {
    return this.#unkept.findLast((each) => each.source === source && each.event.event.code === code)?.event.event
      .active;
  }

  /** Tries again what the store has not taken. */
  async settle(): Promise<void> {
    await this.#turns.take(() => this.#keepUnkept());
  }

  #keepLater(more: readonly Unkept[]): void {
    for (const each of more) {
      const { code, kind, device, subject } = each.event.event;
      if (kind === 'alarm')
        this.#unkept = this.#unkept.filter(
          ({ source, event: { event } }) =>
            event.kind !== 'alarm' ||
            source !== each.source ||
            event.code !== code ||
            event.device !== device ||
            event.subject !== subject,
        );
      if (this.#unkept.length >= MOST_UNKEPT)
        this.#unkept.splice(
          Math.max(
            0,
            this.#unkept.findIndex(({ event: { event } }) => event.kind !== 'alarm'),
          ),
          1,
        );
      this.#unkept.push(each);
    }
  }

  /** One that is refused while the next is taken is refused for what it is, and goes. */
  async #keepUnkept(): Promise<void> {
    let refused: Unkept | undefined;
    let why: unknown;
    for (const next of this.#unkept) {
      try {
        await this.#commit([{ source: next.source, events: [next.event] }], next.receivedAt);
      } catch (error) {
        if (refused !== undefined) return;
        refused = next;
        why = error;
        continue;
      }
      this.#unkept = this.#unkept.filter((each) => each !== next && each !== refused);
      if (refused !== undefined) this.#onFailure(why);
      refused = undefined;
    }
  }

  async #commit(groups: readonly SourceEvents[], receivedAt: number): Promise<StoredEvent[]> {
    const added = await this.#store.commit(groups, receivedAt).catch((error: unknown) => {
      // It may stand there all the same.
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
