export interface ExportFile {
  readonly id: string;
  readonly owner: string;
  readonly targets: readonly string[];
  readonly format: 'csv' | 'parquet';
  readonly rows: number;
  /** Machine time, ms UTC. */
  readonly expiresAt: number;
}

/** Bytes per part of a file. */
export const PART_BYTES = 1_000_000;

/** Exported files and their expiry. */
export interface ExportStore {
  /** Path for the file of an export. */
  pathOf(id: string, format: 'csv' | 'parquet'): string;
  put(file: ExportFile): Promise<void>;
  /** Undefined if expired or its file is gone. */
  get(id: string, now: number): Promise<ExportFile | undefined>;
  /** Content of the file from a byte offset, at most `PART_BYTES`; undefined if the export or its file is gone. */
  part(id: string, from: number, now: number): Promise<Uint8Array | undefined>;
  /** Deletes expired exports and their files. */
  prune(now: number): Promise<void>;
}
