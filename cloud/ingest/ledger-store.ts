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

/** A run without its spans. */
export interface StoredRun extends RunKey {
  /** Plant time at which it was opened, ms UTC. */
  readonly openedAt: number;
  /** The run's first offset, once the gateway has reported it. */
  readonly firstOffset: number | null;
  /** The run's last offset, once a later run is known. */
  readonly lastOffset: number | null;
}

/** Frames of runs that are no longer kept separately, by fate, with bounds of their times, ms UTC. */
export interface Folded extends Omit<Stretch, 'state'>, Pick<RunKey, 'gateway' | 'stream'> {
  readonly state: Stretch['state'] | 'stored';
}

export type LedgerChange =
  /** A run was opened, or its bounds changed. */
  | { readonly kind: 'run'; readonly run: StoredRun }
  /** `added` replaces the spans of a run that begin within `removed`. */
  | {
      readonly kind: 'spans';
      readonly of: RunKey;
      readonly removed: OffsetRange | null;
      readonly added: readonly Span[];
    }
  /** This many more frames of an hour were stored. */
  | { readonly kind: 'hour'; readonly hour: StoredPerHour }
  /** A run is no longer kept separately; `frames` are added to the folded sums. */
  | { readonly kind: 'fold'; readonly of: RunKey; readonly frames: readonly Folded[] }
  /** Replaces the archive with the same gateway, first offset and time. */
  | { readonly kind: 'archive'; readonly archive: Archive };

export interface StoredLedger {
  /** In the order in which they were opened; each run's spans in order. */
  readonly runs: readonly (StoredRun & { readonly spans: readonly Span[] })[];
  /** Ordered by gateway, first offset and time. */
  readonly archives: readonly Archive[];
  /** Ordered by gateway, stream, state and code. */
  readonly folded: readonly Folded[];
}

/** Storage of the ledger. It is read once; afterwards memory answers and changes are written behind it. */
export interface LedgerStore {
  open(): void | Promise<void>;
  close(): void;
  load(): Promise<StoredLedger>;
  /** Applies the changes in order, all of them or none; on the medium once it resolves. The ledger awaits each commit before the next. */
  commit(changes: readonly LedgerChange[]): Promise<void>;
  /** Stored frames whose source time lies in the hours of [from, to). */
  storedBetween(gateway: string, from: number, to: number): Promise<number>;
}
