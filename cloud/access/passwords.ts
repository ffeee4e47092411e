import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { FewAtOnce } from '../../shared/time/few-at-once.ts';
import { PerHolder } from '../../shared/time/per-holder.ts';

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
/** Concurrent checks for strangers of one network, so that a few networks cannot fill the queue. */
const MAX_STRANGERS = 10;

const tooMany = (): LoadstoneError =>
  new LoadstoneError('LS-API-008', 'too many passwords are being checked; try again in a moment');

/** Hashes and checks passwords. A hash carries its own cost, so that older hashes stay valid after a change. */
export class Passwords {
  readonly #cost: PasswordCost;
  readonly #lanes = new FewAtOnce(MAX_RUNNING, MAX_WAITING);
  /** Checks under way for strangers, by network. */
  readonly #strangers = new PerHolder(MAX_STRANGERS);
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

  /**
   * An unknown user is checked against a decoy, so that timing reveals nothing. `stranger`: the network of a browser where the user has not
   * signed in before; all others go first.
   */
  async check(password: string, stored: string | undefined, stranger?: string): Promise<boolean> {
    if (stranger === undefined) return this.#check(password, stored, true);
    if (!this.#strangers.take(stranger)) throw tooMany();
    try {
      return await this.#check(password, stored, false);
    } finally {
      this.#strangers.give(stranger);
    }
  }

  async #check(password: string, stored: string | undefined, goesFirst: boolean): Promise<boolean> {
    this.#decoy ??= this.hash('');
    const [, N, r, p, salt, hash] = (stored ?? (await this.#decoy)).split('$');
    const cost = { N: Number(N), r: Number(r), p: Number(p) };
    const key = await this.#derive(password, Buffer.from(salt ?? '', 'base64url'), cost, goesFirst);
    const expected = Buffer.from(hash ?? '', 'base64url');
    return expected.length === KEY_BYTES && timingSafeEqual(key, expected) && stored !== undefined;
  }

  async #derive(password: string, salt: Buffer, cost: PasswordCost, goesFirst = true): Promise<Buffer> {
    const key = this.#lanes.take(
      () =>
        new Promise<Buffer>((resolve, reject) =>
          scrypt(password.normalize('NFC'), salt, KEY_BYTES, { ...cost, maxmem: 256 * cost.N * cost.r }, (error, got) =>
            error === null ? resolve(got) : reject(error),
          ),
        ),
      goesFirst,
    );
    if (key === undefined) throw tooMany();
    return key;
  }
}

/** Twenty letters and digits without look-alikes: 100 bits. */
export function randomPassword(): string {
  const letters = 'abcdefghijkmnpqrstuvwxyz23456789';
  return Array.from(randomBytes(20), (byte) => letters[byte % letters.length]!).join('');
}
