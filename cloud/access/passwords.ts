import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';

/** scrypt's cost, memory and lanes (RFC 7914). */
export interface PasswordCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** OWASP's setting of 32 MiB a guess. */
const COST: PasswordCost = { N: 2 ** 15, r: 8, p: 3 };
const KEY_BYTES = 32;
/** Concurrent derivations. Others wait, and beyond `MAX_WAITING` are refused, so that guesses cannot exhaust the cloud. */
const MAX_RUNNING = 2;
const MAX_WAITING = 50;

/** Hashes and checks passwords. A hash carries its own cost, so that older hashes stay valid after a change. */
export class Passwords {
  readonly #cost: PasswordCost;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #decoy: Promise<string> | undefined;

  constructor(cost = COST) {
    this.#cost = cost;
  }

  /** `scrypt$N$r$p$<salt>$<hash>`, the last two base64url. */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(16);
    const key = await this.#derive(password, salt, this.#cost);
    const { N, r, p } = this.#cost;
    return ['scrypt', N, r, p, salt.toString('base64url'), key.toString('base64url')].join('$');
  }

  /** An unknown user is checked against a decoy, so that timing reveals nothing. */
  async check(password: string, stored: string | undefined): Promise<boolean> {
    this.#decoy ??= this.hash('');
    const [, N, r, p, salt, hash] = (stored ?? (await this.#decoy)).split('$');
    const cost = { N: Number(N), r: Number(r), p: Number(p) };
    const key = await this.#derive(password, Buffer.from(salt ?? '', 'base64url'), cost);
    const expected = Buffer.from(hash ?? '', 'base64url');
    return expected.length === KEY_BYTES && timingSafeEqual(key, expected) && stored !== undefined;
  }

  async #derive(password: string, salt: Buffer, cost: PasswordCost): Promise<Buffer> {
    if (this.#waiting.length >= MAX_WAITING)
      throw new LoadstoneError('LS-API-008', 'too many passwords are being checked; try again in a moment');
    if (this.#running >= MAX_RUNNING) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running++;
    try {
      return await new Promise<Buffer>((resolve, reject) =>
        scrypt(password.normalize('NFC'), salt, KEY_BYTES, { ...cost, maxmem: 256 * cost.N * cost.r }, (error, key) =>
          error === null ? resolve(key) : reject(error),
        ),
      );
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }
}

/** Twenty letters and digits without look-alikes: 100 bits. */
export function randomPassword(): string {
  const letters = 'abcdefghijkmnpqrstuvwxyz23456789';
  return Array.from(randomBytes(20), (byte) => letters[byte % letters.length]!).join('');
}
