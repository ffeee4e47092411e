export interface ExportFile {
  readonly id: string;
  readonly owner: string;
  readonly targets: readonly string[];
  readonly format: 'csv' | 'parquet';
  readonly rows: number;
  /** Machine time, ms UTC. */
  readonly expiresAt: number;
}

/** So many bytes of a file come at once. */
export const PART_BYTES = 1_000_000;

/** Files of exports and how long each is there. */
export interface ExportStore {
  /** Where the file of an export is written. */
  pathOf(id: string, format: 'csv' | 'parquet'): string;
  put(file: ExportFile): Promise<void>;
  /** Undefined once it has expired, and where its file is gone. */
  get(id: string, now: number): Promise<ExportFile | undefined>;
  /** What is in its file from a byte on, `PART_BYTES` at the most; undefined where there is no such export, or its file is gone. */
  part(id: string, from: number, now: number): Promise<Uint8Array | undefined>;
  /** Deletes what has expired. */
  prune(now: number): Promise<void>;
}
