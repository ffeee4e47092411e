import type { Quality } from '../../../shared/contracts/ids.ts';
import type { LoadInterval } from '../../estimate/net-load.ts';
import type { InputQuery } from '../../forecast/serve/inputs.ts';

/** Mean power over [start, start + resolution) of the upload, kW, load convention; null: known to be missing. */
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
  /** Values that changed something: the same again does not. */
  readonly changed: number;
  /** Plant time from which on all of it is there. */
  readonly receivedAt: number;
}

/** Measurements that came by file for targets without a meter of ours. A correction goes beside what it corrects: `asOf` sees either. */
export interface UploadStore {
  /** Rises with each upload, once it is read: what was read before is read again. */
  readonly revision: number;
  /**
   * All of it at once for those who read, or nothing where it rejects or the process ends. One upload after the other; it counts from
   * `now`, asked when all of it is there. LS-API-018 where as much is kept as may be.
   */
  add(uploads: readonly Upload[], now: () => number): Promise<UploadReceipt>;
  /** Forgets values with all that they ever corrected, for every `asOf`; answers how many. */
  forget(values: UploadedRange): Promise<number>;
  /** One entry for each interval of the range; finer values count before coarser ones, newer before older. */
  intervals(query: InputQuery): Promise<LoadInterval[]>;
  /** When the last of each interval came; null: nothing of it. */
  receipts(query: InputQuery): Promise<(number | null)[]>;
  /** Bounds of what came for a target. */
  span(target: string): Promise<{ readonly from: number; readonly to: number } | undefined>;
}
