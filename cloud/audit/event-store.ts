import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import type { EventView } from '../../shared/contracts/view.ts';

/** Where an event stands in its gateway's journal. Offsets rise from run to run as long as the journal lasts. */
export interface EventIdentity {
  readonly run: number;
  readonly offset: number;
}

/** An event and its identity at its source; without one it is the cloud's own and cannot come twice. */
export interface LoggedEvent {
  readonly event: LoadstoneEvent;
  readonly identity?: EventIdentity;
}

/** An event of the log. */
export type StoredEvent = EventView & { readonly identity?: EventIdentity };

/** What one gateway, or `cloud`, has to tell. */
export interface SourceEvents {
  readonly source: string;
  readonly events: readonly LoggedEvent[];
}

export interface EventQuery {
  /** Newest first: only ids below this. */
  readonly before?: number;
  /** Oldest first: only ids above this. */
  readonly after?: number;
  readonly source?: string;
  readonly kind?: EventView['kind'];
  readonly limit: number;
}

/** What is looked for among what happened, newest first. */
export interface EventSearch {
  readonly before?: number;
  /** ms UTC of plant time: only what happened before. What was received more than a day later than this is not found. */
  readonly to?: number;
  readonly kind?: EventView['kind'];
  readonly severities?: readonly EventView['severity'][];
  /** Each stands somewhere in source, code, text, device or subject; of ASCII letters the case does not matter. */
  readonly words: readonly string[];
  /** Of a word: sentences that count as saying it, `{name}` for each value; null: it narrows nothing. Absent: it stands for itself alone. */
  readonly forms?: ReadonlyMap<string, readonly string[] | null>;
  readonly limit: number;
  /** How many events are looked at, at most. */
  readonly most: number;
  /** As whom it is shown to knows an event: kind and severity are judged by that. */
  readonly as?: (event: EventView) => EventView;
}

export interface EventsFound {
  readonly items: readonly EventView[];
  /** The oldest event that was looked at; null where there was none. */
  readonly back: { readonly id: number; readonly time: number } | null;
  /** Whether nothing older is left to look at. */
  readonly isEnd: boolean;
}

/** Append-only list of what happened, at the gateways and in the cloud. */
export interface EventStore {
  /**
   * Appends the new events, all or none, and returns them in order with rising ids. Ids are seen in their order, whoever else appends, so
   * who reads on from the last one misses none. `receivedAt` is plant time. On disk once `synced`
   * resolves. Throws LS-STORE-001.
   */
  commit(groups: readonly SourceEvents[], receivedAt: number): Promise<StoredEvent[]>;
  synced(): Promise<void>;
  /** A page: newest first, or from `after` on oldest first. */
  list(query: EventQuery): Promise<StoredEvent[]>;
  /** Searches a bounded part, so that the longest log answers as fast. `before` continues it. */
  search(query: EventSearch): Promise<EventsFound>;
  count(): Promise<number>;
}
