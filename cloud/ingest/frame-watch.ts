import type { Acknowledgement } from '../../shared/contracts/acknowledgement.ts';
import type { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { Point } from '../telemetry/store.ts';
import type { LedgerEntry } from './entries.ts';

/** A frame on its way into the store: its points, or none and a code if it is refused. */
export interface HeldFrame {
  readonly entry: LedgerEntry;
  readonly points: readonly Point[];
}

/** Duration of each step of a batch, ms. */
export interface BatchTimes {
  readonly waitedMs: number;
  readonly storeMs: number;
  readonly ledgerMs: number;
}

/** Observes each batch through its first frame, the one that has waited longest. */
export interface FrameWatch {
  written(first: HeldFrame, frames: number, times: BatchTimes): void;
  /** The batch will be retried, because store or ledger failed. */
  failed(first: HeldFrame, times: BatchTimes, fault: LoadstoneError): void;
  /** The broker accepted the acknowledgement. */
  acknowledged(gateway: string, acknowledgement: Acknowledgement): void;
}
