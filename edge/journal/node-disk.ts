import { mkdir, open, readdir, readFile, rename, rm, truncate, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Disk, DiskFile } from '../../shared/ports/disk.ts';

/** The Disk port on a local folder, accessible to this user only. */
export class NodeDisk implements Disk {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async list(folder: string): Promise<string[]> {
    try {
      const entries = await readdir(this.#path(folder), { withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile() && !entry.name.endsWith('.tmp'))
        .map((entry) => entry.name)
        .sort();
    } catch (error) {
      if (isAbsent(error)) return [];
      throw error;
    }
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    try {
      return await readFile(this.#path(path));
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }

  async open(path: string): Promise<DiskFile> {
    const full = this.#path(path);
    await mkdir(dirname(full), { recursive: true, mode: 0o700 });
    const handle = await open(full, 'a', 0o600);
    const { size } = await handle.stat();
    // The file name must be on the medium before anything in the file counts.
    if (size === 0) await syncFolder(dirname(full));
    return new NodeFile(handle, size);
  }

  async truncate(path: string, size: number): Promise<void> {
    await truncate(this.#path(path), size);
    const handle = await open(this.#path(path), 'r+');
    try {
      await handle.datasync();
    } finally {
      await handle.close();
    }
  }

  async replace(path: string, bytes: Uint8Array): Promise<void> {
    const full = this.#path(path);
    const temporary = `${full}.tmp`;
    await mkdir(dirname(full), { recursive: true, mode: 0o700 });
    // Whatever lies there, such as a file that root left, must not block every later write.
    await rm(temporary, { recursive: true, force: true });
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, full);
    await syncFolder(dirname(full));
  }

  async rename(from: string, to: string): Promise<void> {
    await mkdir(dirname(this.#path(to)), { recursive: true, mode: 0o700 });
    await rename(this.#path(from), this.#path(to));
    await syncFolder(dirname(this.#path(to)));
  }

  async remove(path: string): Promise<void> {
    await rm(this.#path(path), { force: true });
  }

  #path(path: string): string {
    return join(this.#root, path);
  }
}

class NodeFile implements DiskFile {
  readonly #handle: FileHandle;
  #size: number;

  constructor(handle: FileHandle, size: number) {
    this.#handle = handle;
    this.#size = size;
  }

  get size(): number {
    return this.#size;
  }

  async append(bytes: Uint8Array): Promise<void> {
    let done = 0;
    while (done < bytes.length) {
      const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done);
      done += bytesWritten;
      this.#size += bytesWritten;
    }
  }

  async sync(): Promise<void> {
    await this.#handle.datasync();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const isAbsent = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';
