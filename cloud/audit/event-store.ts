import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import type { EventView } from '../../shared/contracts/view.ts';

/** Position of an event in its gateway's journal. Offsets keep rising across runs while the journal lasts. */
export interface EventIdentity {
  readonly run: number;
  readonly offset: number;
}

/** An event and its identity at its source; without one it is the cloud's own and cannot arrive twice. */
export interface LoggedEvent {
  readonly event: LoadstoneEvent;
  readonly identity?: EventIdentity;
}

/** An event of the log. */
export type StoredEvent = EventView & { readonly identity?: EventIdentity };

/** Events of one gateway or of `cloud`. */
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

/** A search through the events, newest first. */
export interface EventSearch {
  readonly before?: number;
  /** ms UTC of plant time: only earlier events. Events received more than a day after it are not found. */
  readonly to?: number;
  readonly kind?: EventView['kind'];
  readonly severities?: readonly EventView['severity'][];
  /** Each must occur in source, code, text, device or subject; ASCII letters match in either case. */
  readonly words: readonly string[];
  /** Sentences that also match a word, with `{name}` for each value; null: the word matches everything. Absent: only the word itself. */
  readonly forms?: ReadonlyMap<string, readonly string[] | null>;
  readonly limit: number;
  /** Maximum number of events to examine. */
  readonly most: number;
  /** The event as its reader sees it, by which kind and severity are filtered. */
  readonly as?: (event: EventView) => EventView;
}

export interface EventsFound {
  readonly items: readonly EventView[];
  /** The oldest event examined; null if there was none. */
  readonly back: { readonly id: number; readonly time: number } | null;
  /** Whether no older events remain. */
  readonly isEnd: boolean;
}

/** Append-only log of events at the gateways and in the cloud. */
export interface EventStore {
  /**
   * Appends the new events atomically and returns them in order with rising ids. Ids become visible in order, also with other writers, so a
   * reader that continues from the last id misses none. `receivedAt` is plant time. Durable once `synced` resolves. Throws LS-STORE-001.
   */
  commit(groups: readonly SourceEvents[], receivedAt: number): Promise<StoredEvent[]>;
  synced(): Promise<void>;
  /** A page: newest first, or oldest first from `after`. */
  list(query: EventQuery): Promise<StoredEvent[]>;
  /** Searches a bounded part, so that even the longest log answers quickly. `before` continues it. */
  search(query: EventSearch): Promise<EventsFound>;
  count(): Promise<number>;
}
