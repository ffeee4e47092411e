/** The Disk port: what a crash-safe log needs of a file system. Paths are relative to the root that the adapter was given. */
export interface DiskFile {
  readonly size: number;
  append(bytes: Uint8Array): Promise<void>;
  /** fdatasync: what was appended before is on the medium once this resolves. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface Disk {
  /** File names in a folder, sorted; an absent folder is empty. */
  list(folder: string): Promise<string[]>;
  /** The whole file, or undefined where there is none. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Opens for appending; creates the file and its folders. */
  open(path: string): Promise<DiskFile>;
  truncate(path: string, size: number): Promise<void>;
  /** Replaces the file at once or not at all: temporary file, fsync, rename, fsync of the folder. */
  replace(path: string, bytes: Uint8Array): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Bytes free on the medium. */
  free(): Promise<number>;
}
