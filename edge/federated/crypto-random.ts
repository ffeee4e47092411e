import { randomBytes } from 'node:crypto';
import type { Random } from '../../shared/ports/random.ts';

const POOL_BYTES = 8192;

/** Chance that nobody can foretell: noise from a seed that is guessed could be taken off again. */
export class CryptoRandom implements Random {
  #pool = randomBytes(0);
  #at = 0;

  uint32(): number {
    if (this.#at + 4 > this.#pool.length) {
      this.#pool = randomBytes(POOL_BYTES);
      this.#at = 0;
    }
    this.#at += 4;
    return this.#pool.readUInt32LE(this.#at - 4);
  }

  next(): number {
    return this.uint32() / 2 ** 32;
  }
}
