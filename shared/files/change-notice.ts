import { watch, type FSWatcher } from 'node:fs';

/**
 * Tells whether a file or the entries of a folder may have changed. The kernel reports changes, so checking costs nothing while there are
 * none.
 */
export class ChangeNotice {
  readonly #path: string;
  #watcher: FSWatcher | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** True on the first call, after a change, and always if the path cannot be watched. Later changes are reported by the next call. */
  take(): boolean {
    if (this.#watcher !== undefined) return false;
    try {
      // A replaced file is a new inode, so the path needs a new watcher.
      this.#watcher = watch(this.#path, { persistent: false }, () => this.stop()).on('error', () => this.stop());
    } catch {
      // The path does not exist, or the limit of watches is reached.
    }
    return true;
  }

  stop(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }
}
