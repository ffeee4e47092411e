import { ChangeNotice } from '../../shared/files/change-notice.ts';
import { FollowedFiles } from './followed-files.ts';
import { every } from '../../shared/time/every.ts';
import type { TimeBase, Timer } from '../../shared/time/clock.ts';
import { keyFiles } from './key-files.ts';

export interface KeyWatchOptions {
  readonly data: string;
  readonly time: TimeBase;
  /** The list has changed. */
  readonly onChange: () => Promise<void>;
  readonly onFault: (error: unknown) => void;
}

const EACH_MS = 1000;
/** Looks every ten seconds even without a notification: another machine may have written. */
const LOOKS_UNASKED = 10;

/** Follows changes by "loadstone keys" while the cloud runs. */
export class KeyWatch {
  readonly #options: KeyWatchOptions;
  readonly #notice: ChangeNotice;
  readonly #list: FollowedFiles;
  #looks = 0;
  #timer: Timer | undefined;

  constructor(options: KeyWatchOptions) {
    const { folder, list } = keyFiles(options.data);
    this.#options = options;
    this.#notice = new ChangeNotice(folder);
    this.#list = new FollowedFiles([list], options.onFault);
  }

  start(): void {
    this.#timer = every(this.#options.time, EACH_MS, () => this.#look());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#notice.stop();
  }

  async #look(): Promise<void> {
    const isDue = this.#looks++ % LOOKS_UNASKED === 0;
    if (this.#notice.take() || isDue || this.#list.isAtFault) await this.#list.look(this.#options.onChange);
  }
}
