import { watch, type FSWatcher } from 'node:fs';

/** Whether a file, or what stands in a folder, may have changed: as the kernel tells it, so that asking costs nothing while it has not. */
export class ChangeNotice {
  readonly #path: string;
  #watcher: FSWatcher | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** True at first, behind a change, and always where the kernel tells nothing. What changes from here on is told at the next call. */
  take(): boolean {
    if (this.#watcher !== undefined) return false;
    try {
      // A file that is replaced is another one: it is watched anew.
      this.#watcher = watch(this.#path, { persistent: false }, () => this.stop()).on('error', () => this.stop());
    } catch {
      // It is not there, or too much is watched already.
    }
    return true;
  }

  stop(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }
}
