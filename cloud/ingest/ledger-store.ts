import type { OffsetRange } from '../../shared/contracts/acknowledgement.ts';
import type { RunKey, Stretch } from './account.ts';
import type { Span } from './spans.ts';

/** Offsets of imported history, which no gateway sent: each sample counts as received `intervalMs` after its source time. */
export interface Archive {
  readonly gateway: string;
  readonly first: number;
  readonly last: number;
  /** Bounds of the source times, inclusive, ms UTC. */
  readonly timeFrom: number;
  readonly timeTo: number;
  readonly intervalMs: number;
}

export interface StoredPerHour {
  readonly gateway: string;
  /** Start of the hour, ms UTC. */
  readonly start: number;
  readonly stored: number;
}

/** A run, without what is accounted for of it. */
export interface StoredRun extends RunKey {
  /** Plant time at which it was opened, ms UTC. */
  readonly openedAt: number;
  /** The run's first offset, once the gateway has told it. */
  readonly firstOffset: number | null;
  /** The run's last offset, once a later run is known. */
  readonly lastOffset: number | null;
}

/** Frames of runs that are told apart no longer, by what became of them; the times are their bounds, ms UTC. */
export interface Folded extends Omit<Stretch, 'state'>, Pick<RunKey, 'gateway' | 'stream'> {
  readonly state: Stretch['state'] | 'stored';
}

export type LedgerChange =
  /** A run was opened, or its bounds moved. */
  | { readonly kind: 'run'; readonly run: StoredRun }
  /** `added` stand in the place of the spans of a run that begin within `removed`. */
  | {
      readonly kind: 'spans';
      readonly of: RunKey;
      readonly removed: OffsetRange | null;
      readonly added: readonly Span[];
    }
  /** So many more frames were stored of an hour. */
  | { readonly kind: 'hour'; readonly hour: StoredPerHour }
  /** A run is told apart no longer: `frames` of it go to those that are summed up. */
  | { readonly kind: 'fold'; readonly of: RunKey; readonly frames: readonly Folded[] }
  /** In the place of the one with the same gateway, first offset and time. */
  | { readonly kind: 'archive'; readonly archive: Archive };

export interface StoredLedger {
  /** In the order in which they were opened; the spans of each in order. */
  readonly runs: readonly (StoredRun & { readonly spans: readonly Span[] })[];
  /** By gateway, first offset and time. */
  readonly archives: readonly Archive[];
  /** By gateway, stream, state and code. */
  readonly folded: readonly Folded[];
}

/** Where the ledger is kept. It is read once; from then on memory answers, and changes follow. */
export interface LedgerStore {
  open(): void | Promise<void>;
  close(): void;
  load(): Promise<StoredLedger>;
  /** In this order, all of them or none; on the medium once it resolves. The ledger awaits each before the next. */
  commit(changes: readonly LedgerChange[]): Promise<void>;
  /** Frames stored whose source time lies in the hours of [from, to). */
  storedBetween(gateway: string, from: number, to: number): Promise<number>;
}
