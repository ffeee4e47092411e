import { stat } from 'node:fs/promises';
import { every } from '../../shared/time/every.ts';
import type { TimeBase, Timer } from '../../shared/time/clock.ts';
import { keyFiles } from './key-files.ts';

export interface KeyWatchOptions {
  readonly data: string;
  readonly time: TimeBase;
  /** There is another list. */
  readonly onChange: () => Promise<void>;
  readonly onFault: (error: unknown) => void;
}

const EACH_MS = 1000;

/** Follows what "loadstone keys" says while the cloud runs. What cannot be read is told once and leaves the last list in force. */
export class KeyWatch {
  readonly #options: KeyWatchOptions;
  #taken: string | undefined;
  #said = '';
  #timer: Timer | undefined;

  constructor(options: KeyWatchOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = every(this.#options.time, EACH_MS, () => this.#look());
  }

  stop(): void {
    this.#timer?.cancel();
  }

  async #look(): Promise<void> {
    const { data, onChange, onFault } = this.#options;
    const mark = await stat(keyFiles(data).list, { bigint: true }).then(
      ({ ino, size, mtimeNs }) => [ino, size, mtimeNs].join(' '),
      (error: NodeJS.ErrnoException) => String(error.code),
    );
    if (mark === this.#taken) return;
    try {
      await onChange();
      this.#taken = mark;
      this.#said = '';
    } catch (error) {
      if (this.#said !== String(error)) onFault(error);
      this.#said = String(error);
    }
  }
}
