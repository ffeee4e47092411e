export interface ExportFile {
  readonly id: string;
  readonly owner: string;
  readonly targets: readonly string[];
  readonly format: 'csv' | 'parquet';
  readonly rows: number;
  /** Machine time, ms UTC. */
  readonly expiresAt: number;
}

/** Files of exports and how long each is there. */
export interface ExportStore {
  /** Where the file of an export is written. */
  pathOf(id: string, format: 'csv' | 'parquet'): string;
  put(file: ExportFile): Promise<void>;
  /** Undefined once it has expired, and where its file is gone. */
  get(id: string, now: number): Promise<ExportFile | undefined>;
  /** Deletes what has expired. */
  prune(now: number): Promise<void>;
}
