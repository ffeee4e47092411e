import type { Disk, DiskFile } from '../../shared/ports/disk.ts';
import type { Random } from '../../shared/ports/random.ts';

interface Stored {
  bytes: Uint8Array;
  size: number;
  /** Bytes that survive a power loss. */
  durable: number;
  /** Bytes covered by a completed sync. */
  synced: number;
}

/** An in-memory disk with faults set by a test: full, failing, and loss of unsynced data, torn at any byte. */
export class SimDisk implements Disk {
  /** Capacity in bytes. */
  capacity = Number.POSITIVE_INFINITY;
  /** While true every write and sync fails with EIO. */
  failing = false;
  /** While true a sync fails, although earlier writes are in the file. */
  syncFails = false;
  /** Path of a file that cannot be read any more. */
  unread: string | undefined;
  /** Called for each removed file with its content and the number of synced bytes. */
  onRemove: ((path: string, bytes: Uint8Array, synced: number) => void) | undefined;
  #files = new Map<string, Stored>();

  /** Simulates a power failure: a random part of the unsynced data stays, possibly a torn write. Open files are gone with their process. */
  crash(random: Random): void {
    for (const file of this.#files.values()) {
      file.size = file.durable + Math.floor(random.next() * (file.size - file.durable + 1));
      file.durable = file.size;
    }
  }

  /** The process dies while the machine goes on: no written data is lost. */
  kill(): void {
    for (const file of this.#files.values()) file.durable = file.size;
  }

  /** A copy of the whole content, for a test that damages bytes. */
  clone(): SimDisk {
    return this.#copy(({ size }) => size);
  }

  /** A copy of the synced content: what its owner may rely on. */
  synced(): SimDisk {
    return this.#copy(({ synced }) => synced);
  }

  #copy(sizeOf: (file: Stored) => number): SimDisk {
    const copy = new SimDisk();
    for (const [path, file] of this.#files) {
      const size = sizeOf(file);
      const durable = Math.min(file.durable, size);
      copy.#files.set(path, { bytes: file.bytes.slice(0, size), size, durable, synced: Math.min(file.synced, size) });
    }
    return copy;
  }

  paths(): string[] {
    return [...this.#files.keys()].sort();
  }

  used(): number {
    let sum = 0;
    for (const file of this.#files.values()) sum += file.size;
    return sum;
  }

  async list(folder: string): Promise<string[]> {
    const prefix = folder === '' ? '' : `${folder}/`;
    return this.paths()
      .filter((path) => path.startsWith(prefix) && !path.slice(prefix.length).includes('/'))
      .map((path) => path.slice(prefix.length));
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    if (path === this.unread) throw fault('EIO', path);
    const file = this.#files.get(path);
    return file?.bytes.slice(0, file.size);
  }

  async open(path: string): Promise<DiskFile> {
    let file = this.#files.get(path);
    if (file === undefined) {
      this.#check(0);
      file = { bytes: new Uint8Array(1024), size: 0, durable: 0, synced: 0 };
      this.#files.set(path, file);
    }
    const stored = file;
    return {
      get size(): number {
        return stored.size;
      },
      append: async (bytes) => this.#append(stored, bytes),
      sync: async () => {
        this.#check(0);
        if (this.syncFails) throw fault('EIO', 'sync');
        stored.durable = stored.size;
        stored.synced = stored.size;
      },
      close: async () => {},
    };
  }

  async truncate(path: string, size: number): Promise<void> {
    this.#check(0);
    const file = this.#files.get(path);
    if (file === undefined) throw fault('ENOENT', path);
    file.size = Math.min(file.size, size);
    file.durable = file.size;
    file.synced = Math.min(file.synced, size);
  }

  async replace(path: string, bytes: Uint8Array): Promise<void> {
    this.#check(bytes.length);
    this.#files.set(path, {
      bytes: bytes.slice(),
      size: bytes.length,
      durable: bytes.length,
      synced: bytes.length,
    });
  }

  async rename(from: string, to: string): Promise<void> {
    this.#check(0);
    const file = this.#files.get(from);
    if (file === undefined) throw fault('ENOENT', from);
    this.#files.delete(from);
    this.#files.set(to, file);
  }

  async remove(path: string): Promise<void> {
    if (this.failing) throw fault('EIO', path);
    const file = this.#files.get(path);
    if (file !== undefined) this.onRemove?.(path, file.bytes.slice(0, file.size), file.synced);
    this.#files.delete(path);
  }

  #append(file: Stored, bytes: Uint8Array): void {
    this.#check(0);
    const room = Math.min(bytes.length, Math.max(0, this.capacity - this.used()));
    if (file.size + room > file.bytes.length) {
      const grown = new Uint8Array(Math.max(2 * file.bytes.length, file.size + room));
      grown.set(file.bytes.subarray(0, file.size));
      file.bytes = grown;
    }
    file.bytes.set(bytes.subarray(0, room), file.size);
    file.size += room;
    if (room < bytes.length) throw fault('ENOSPC', 'append');
  }

  #check(bytes: number): void {
    if (this.failing) throw fault('EIO', 'write');
    if (bytes > 0 && this.used() + bytes > this.capacity) throw fault('ENOSPC', 'write');
  }
}

const fault = (code: string, what: string): Error => Object.assign(new Error(`${code}: ${what}`), { code });
