import { appendFile, readFile } from 'node:fs/promises';
import { every } from '../../shared/time/every.ts';
import type { TimeBase, Timer } from '../../shared/time/clock.ts';
import { checkpointFile } from './audit-log.ts';

export interface WitnessOptions {
  /** The list whose signed state is copied. */
  readonly list: string;
  /** On another machine's disk, where this one may only append. Not created if its folder is missing. */
  readonly file: string;
  readonly everyMs: number;
  readonly time: TimeBase;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Copies the signed state of the audit list to an external witness: one line whenever the list has grown. A thief of the audit key can sign
 * another list, but cannot take back these lines. A failed write is reported once; the next line covers it.
 */
export class Witness {
  readonly #options: WitnessOptions;
  #copied = '';
  #isFailing = false;
  #timer: Timer | undefined;

  constructor(options: WitnessOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    await this.tell();
    this.#timer = every(this.#options.time, this.#options.everyMs, () => this.tell());
  }

  /** Also writes the last state. */
  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.tell();
  }

  async tell(): Promise<void> {
    const { list, file, onFailure } = this.#options;
    try {
      const state = await readFile(checkpointFile(list), 'utf8');
      if (state === this.#copied) return;
      await appendFile(file, `${state.trim()}\n`, { mode: 0o640, flush: true });
      this.#copied = state;
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) onFailure(error);
      this.#isFailing = true;
    }
  }
}
