import { stat } from 'node:fs/promises';
import { ChangeNotice } from '../../shared/files/change-notice.ts';
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
/** Without a notice it looks each ten seconds: another machine may have written. */
const LOOKS_UNASKED = 10;

/** Follows what "loadstone keys" says while the cloud runs. What cannot be read is told once and leaves the last list in force. */
export class KeyWatch {
  readonly #options: KeyWatchOptions;
  readonly #notice: ChangeNotice;
  #looks = 0;
  #taken: string | undefined;
  #said = '';
  #timer: Timer | undefined;

  constructor(options: KeyWatchOptions) {
    this.#options = options;
    this.#notice = new ChangeNotice(keyFiles(options.data).folder);
  }

  start(): void {
    this.#timer = every(this.#options.time, EACH_MS, () => this.#look());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#notice.stop();
  }

  async #look(): Promise<void> {
    const { data, onChange, onFault } = this.#options;
    const isDue = this.#looks++ % LOOKS_UNASKED === 0;
    if (!this.#notice.take() && !isDue && this.#said === '') return;
    const mark = await stat(keyFiles(data).list, { bigint: true }).then(
      ({ ino, size, mtimeNs }) => [ino, size, mtimeNs].join(' '),
      (error: NodeJS.ErrnoException) => String(error.code),
    );
    if (mark === this.#taken) {
      this.#said = '';
      return;
    }
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
