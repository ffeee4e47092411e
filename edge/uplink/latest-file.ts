import type { Disk } from '../../shared/ports/disk.ts';

/** A file of which only the newest content matters: content put during a write replaces what waits. */
export class LatestFile {
  readonly #disk: Disk;
  readonly #path: string;
  #waiting: Uint8Array | undefined;

  constructor(disk: Disk, path: string) {
    this.#disk = disk;
    this.#path = path;
  }

  /** Rejects when the disk does not answer, which says nothing about whether there is a file. */
  read(): Promise<Uint8Array | undefined> {
    return this.#disk.read(this.#path);
  }

  put(text: string): void {
    this.#waiting = new TextEncoder().encode(text);
  }

  /** Writes what waits; on a disk failure it stays for the next call. */
  async write(): Promise<void> {
    const bytes = this.#waiting;
    if (bytes === undefined) return;
    this.#waiting = undefined;
    await this.#disk.replace(this.#path, bytes).catch(() => {
      this.#waiting ??= bytes;
    });
  }
}
