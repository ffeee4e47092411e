import type { Acknowledgement } from '../../shared/contracts/acknowledgement.ts';
import type { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { Point } from '../telemetry/store.ts';
import type { LedgerEntry } from './entries.ts';

/** One frame on its way into the store: its points, or none and a code where it is refused. */
export interface HeldFrame {
  readonly entry: LedgerEntry;
  readonly points: readonly Point[];
}

/** How long each step of a batch took, ms. */
export interface BatchTimes {
  readonly waitedMs: number;
  readonly storeMs: number;
  readonly ledgerMs: number;
}

/** Hears how each batch goes, by its first frame: the one that has waited longest. */
export interface FrameWatch {
  written(first: HeldFrame, frames: number, times: BatchTimes): void;
  /** Neither store nor ledger has it: it is tried again. */
  failed(first: HeldFrame, times: BatchTimes, fault: LoadstoneError): void;
  /** The broker has it. */
  acknowledged(gateway: string, acknowledgement: Acknowledgement): void;
}
