import type { HandOverContent, HandOverView, ShiftEntry } from '../../shared/contracts/shift.ts';

export interface NewEntry extends Omit<ShiftEntry, 'id'> {
  /** Entries with the same key are written once, also across restarts; null: always written. */
  readonly key: string | null;
  /** Key of the entry that this one refers to; without it, this one is skipped. */
  readonly behind?: string;
}

/** Newest first. Times in [from, to), plant time; ids below `before` and above `above`. */
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

/** The append-only shift log and its hand-overs. */
export interface ShiftStore {
  /** Appends entries atomically; returns the new ones, with rising ids. */
  append(entries: readonly NewEntry[]): Promise<ShiftEntry[]>;
  /** Resolves once everything written before the call is durable. */
  synced(): Promise<void>;
  entries(query: EntryQuery): Promise<ShiftEntry[]>;
  count(query: Omit<EntryQuery, 'limit'>): Promise<number>;
  /** Signs off and logs it, atomically. Replaces a waiting hand-over. */
  sign(signOff: SignOff): Promise<HandOverView>;
  /** Takes over and logs it, once; undefined if the hand-over is not waiting. */
  take(id: number, by: string, at: number): Promise<HandOverView | undefined>;
  handOver(id: number): Promise<HandOverView | undefined>;
  /** Newest first. */
  handOvers(query: { readonly before?: number; readonly limit: number }): Promise<HandOverView[]>;
  /** The waiting hand-over, the last one taken, and the last entry that the latter covers (0: none was taken). */
  standing(): Promise<{
    readonly waiting: HandOverView | undefined;
    readonly last: HandOverView | undefined;
    readonly upTo: number;
  }>;
}
