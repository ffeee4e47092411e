import type { Quality } from '../../../shared/contracts/ids.ts';
import type { LoadInterval } from '../../estimate/net-load.ts';
import type { InputQuery } from '../../forecast/serve/inputs.ts';

/** Mean power over [start, start + resolution of the upload), kW, load convention; null: known to be missing. */
export interface UploadedValue {
  readonly start: number;
  readonly kw: number | null;
  readonly quality: Quality;
}

export interface Upload {
  readonly target: string;
  readonly resolutionS: number;
  readonly values: readonly UploadedValue[];
}

/** Values of a target that start in [start, end), ms UTC. */
export interface UploadedRange {
  readonly target: string;
  readonly start: number;
  readonly end: number;
}

export interface UploadReceipt {
  /** Values that changed something; identical ones do not count. */
  readonly changed: number;
  /** Plant time from which all of it is visible. */
  readonly receivedAt: number;
}

/** Uploaded measurements for targets without a meter of ours. A correction is stored beside the original: `asOf` selects either. */
export interface UploadStore {
  /** Increases after each upload; values read under a lower revision are stale. */
  readonly revision: number;
  /**
   * Makes all of it visible at once, or nothing if it rejects or the process ends. Uploads run one after the other. An upload counts from
   * `now`, called when all of it is stored. LS-API-018: the store is full.
   */
  add(uploads: readonly Upload[], now: () => number): Promise<UploadReceipt>;
  /** Deletes values with all their former versions, for every `asOf`; returns how many. */
  forget(values: UploadedRange): Promise<number>;
  /** One entry per interval of the range; finer values win over coarser ones, newer over older. */
  intervals(query: InputQuery): Promise<LoadInterval[]>;
  /** When the last part of each interval was received, of what was received by `asOf`; null: nothing. */
  receipts(query: InputQuery): Promise<(number | null)[]>;
  /** Time span of a target's uploads. */
  span(target: string): Promise<{ readonly from: number; readonly to: number } | undefined>;
}
