import { appendFile, readFile } from 'node:fs/promises';
import { every } from '../../shared/time/every.ts';
import type { TimeBase, Timer } from '../../shared/time/clock.ts';
import { checkpointFile } from './audit-log.ts';

export interface WitnessOptions {
  /** The list, whose signed state is told. */
  readonly list: string;
  /** On another machine's disk, where this one only appends. It is not made anew where its folder is away. */
  readonly file: string;
  readonly everyMs: number;
  readonly time: TimeBase;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Tells a witness outside how the list of who did what stands: a line each time that it has grown. Who has the key of the audit can sign
 * another list, and cannot take back what was told. What the witness does not take is said once, and comes with the next line.
 */
export class Witness {
  readonly #options: WitnessOptions;
  #told = '';
  #isFailing = false;
  #timer: Timer | undefined;

  constructor(options: WitnessOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    await this.tell();
    this.#timer = every(this.#options.time, this.#options.everyMs, () => this.tell());
  }

  /** The last state is told too. */
  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.tell();
  }

  async tell(): Promise<void> {
    const { list, file, onFailure } = this.#options;
    try {
      const state = await readFile(checkpointFile(list), 'utf8');
      if (state === this.#told) return;
      await appendFile(file, `${state.trim()}\n`, { mode: 0o640, flush: true });
      this.#told = state;
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) onFailure(error);
      this.#isFailing = true;
    }
  }
}
