import { randomBytes } from 'node:crypto';
import type { Random } from '../../shared/ports/random.ts';

const POOL_BYTES = 8192;

/** Unpredictable random numbers. Noise from a seed that can be guessed could be subtracted again. */
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
