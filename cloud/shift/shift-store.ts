import type { HandOverContent, HandOverView, ShiftEntry } from '../../shared/contracts/shift.ts';

export interface NewEntry extends Omit<ShiftEntry, 'id'> {
  /** The same thing is written once, also over restarts; null: each is a thing of its own. */
  readonly key: string | null;
  /** Key of an entry without which this one says nothing: it is left out then. */
  readonly behind?: string;
}

/** Newest first. Times in [from, to), plant time; `before` is the id to go on below, `above` the id that ends it. */
export interface EntryQuery {
  readonly from?: number;
  readonly to?: number;
  readonly before?: number;
  readonly above?: number;
  readonly code?: string;
  readonly limit: number;
}

export interface SignOff {
  readonly by: string;
  readonly at: number;
  readonly remark: string;
  readonly content: HandOverContent;
  /** Id of the last entry that it covers. */
  readonly upTo: number;
}

/** The log of the shifts, which only grows, and their hand-overs. */
export interface ShiftStore {
  /** Answers with those that are new, with rising ids. All or none. */
  append(entries: readonly NewEntry[]): Promise<ShiftEntry[]>;
  /** Resolves once all that was written before the call is on the medium. */
  synced(): Promise<void>;
  entries(query: EntryQuery): Promise<ShiftEntry[]>;
  count(query: Omit<EntryQuery, 'limit'>): Promise<number>;
  /** Signs off and writes it into the log, in one step. One that waits is replaced. */
  sign(signOff: SignOff): Promise<HandOverView>;
  /** Takes over, once: undefined where it does not wait any more. It stands in the log then. */
  take(id: number, by: string, at: number): Promise<HandOverView | undefined>;
  handOver(id: number): Promise<HandOverView | undefined>;
  /** Newest first. */
  handOvers(query: { readonly before?: number; readonly limit: number }): Promise<HandOverView[]>;
  /** The one that waits, the one that was taken last, and the last entry that the latter covers (0: none was taken). */
  standing(): Promise<{
    readonly waiting: HandOverView | undefined;
    readonly last: HandOverView | undefined;
    readonly upTo: number;
  }>;
}
