import type { Outcome } from '../../../shared/outcome/outcome.ts';
import type { RegisterImage } from './blocks.ts';
import type { Parameters, ReadBlock, RegisterWrite } from './profile.ts';

interface Wire {
  /** Elapsed plant time, ms. */
  readonly nowMs: number;
  readonly read: ReadBlock;
  readonly put: (write: RegisterWrite) => Promise<Outcome<null>>;
}

const CHECK_MS = 600_000;
const READBACK_MS = 5000;
const REFILL_MS = 86_400_000;
const MOST_WRITES = 3;

/**
 * Keeps a device's permanent parameters: read when it is found and every ten minutes, written only if they differ, and read back. A device
 * that rejects them is written at most three times a day, to spare its flash memory.
 */
export class ParameterKeeper {
  permitted = false;
  #differences: readonly string[] = [];
  #dueMs = -Infinity;
  #writesLeft = MOST_WRITES;
  #refillMs = -Infinity;

  /** Confirmed differences from the required parameters, in words. */
  get differences(): readonly string[] {
    return this.#differences;
  }

  /** The device was found; it may be a different one than before. */
  begin(): void {
    this.#dueMs = -Infinity;
  }

  async keep(parameters: Parameters | undefined, image: RegisterImage, { nowMs, read, put }: Wire): Promise<void> {
    const allowedLate = this.permitted && this.#differences.length > 0 && this.#writesLeft > 0;
    if (parameters === undefined || (nowMs < this.#dueMs && !allowedLate)) return;
    this.#dueMs = nowMs + CHECK_MS;
    if (nowMs >= this.#refillMs) {
      this.#writesLeft = MOST_WRITES;
      this.#refillMs = nowMs + REFILL_MS;
    }
    for (const block of parameters.blocks) if (!(await read(block)).ok) return;
    const found = parameters.differences(image);
    const writes = found.length === 0 ? [] : parameters.writes(image);
    if (writes.length === 0 || !this.permitted || this.#writesLeft === 0) {
      this.#differences = found;
      return;
    }
    this.#writesLeft--;
    this.#dueMs = nowMs + READBACK_MS;
    for (const write of writes) {
      if ((await put(write)).ok) continue;
      this.#differences = found;
      return;
    }
    this.#differences = [];
  }
}
