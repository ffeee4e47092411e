/** The Disk port: what a crash-safe log needs of a file system. Paths are relative to the root that the adapter was given. */
export interface DiskFile {
  readonly size: number;
  append(bytes: Uint8Array): Promise<void>;
  /** fdatasync: once this resolves, everything appended before is on the medium. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface Disk {
  /** File names in a folder, sorted. An absent folder counts as empty. */
  list(folder: string): Promise<string[]>;
  /** The whole file; undefined if there is none. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Opens for appending; creates the file and its folders. */
  open(path: string): Promise<DiskFile>;
  truncate(path: string, size: number): Promise<void>;
  /** Replaces the file atomically: temporary file, fsync, rename, fsync of the folder. */
  replace(path: string, bytes: Uint8Array): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
}
