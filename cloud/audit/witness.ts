import { appendFile, readFile } from 'node:fs/promises';
import { every } from '../../shared/time/every.ts';
import type { TimeBase, Timer } from '../../shared/time/clock.ts';
import { TimeBudget } from '../../shared/time/time-budget.ts';
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

/** A write that takes longer is reported. It goes on, and no other begins meanwhile. */
const ANSWER_MS = 30_000;
/** The same at the end of the cloud, which has more to close. */
const LAST_ANSWER_MS = 2000;

/**
 * Copies the signed state of the audit list to an external witness: one line whenever the list has grown. A thief of the audit key can sign
 * another list, but cannot take back these lines. A failed write is reported once; the next line covers it. A machine that hangs delays nobody.
 */
export class Witness {
  readonly #options: WitnessOptions;
  #copied = '';
  #isFailing = false;
  #timer: Timer | undefined;
  #writing: Promise<void> | undefined;

  constructor(options: WitnessOptions) {
    this.#options = options;
  }

  start(): void {
    this.tell().catch(this.#options.onFailure);
    this.#timer = every(this.#options.time, this.#options.everyMs, () => this.tell());
  }

  /** Also writes the last state, if the file answers soon. */
  async stop(): Promise<void> {
    this.#timer?.cancel();
    const budget = new TimeBudget(this.#options.time, LAST_ANSWER_MS);
    // What is being written may be an earlier state.
    if (this.#writing !== undefined) await this.tell(budget);
    await this.tell(budget);
  }

  async tell(budget = new TimeBudget(this.#options.time, ANSWER_MS)): Promise<void> {
    try {
      await budget.wait(() => (this.#writing ??= this.#write()));
    } catch (error) {
      if (!this.#isFailing) this.#options.onFailure(error);
      this.#isFailing = true;
    }
  }

  async #write(): Promise<void> {
    const { list, file } = this.#options;
    try {
      const state = await readFile(checkpointFile(list), 'utf8');
      if (state === this.#copied) return;
      await appendFile(file, `${state.trim()}\n`, { mode: 0o640, flush: true });
      this.#copied = state;
      this.#isFailing = false;
    } finally {
      this.#writing = undefined;
    }
  }
}
