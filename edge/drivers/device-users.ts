import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number }, Buffer>(scrypt);
/** OWASP's second-lowest memory setting: 16 MiB per guess, which a gateway can spare. */
const COST = { N: 2 ** 14, r: 8, p: 1 } as const;
const KEY_BYTES = 32;
const MAX_CHECKS = 4;
export const MOST_PASSWORD_BYTES = 256;
/** NIST SP 800-63B-4, 3.1.1.2: least length of a password that is the only factor. One this long cannot be guessed at a broker. */
const LONG_PASSWORD_BYTES = 15;

interface Entry {
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** Users of the local broker with hashed passwords: one `name:scrypt$<salt>$<hash>` (base64) per line; # begins a comment. */
export class DeviceUsers {
  readonly #entries = new Map<string, Entry>();
  /** Why lines could not be read; their users cannot connect. */
  readonly unread: readonly string[];
  /** Running and waiting checks per name. */
  readonly #asked = new Map<string, number>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  /** MACs of long passwords that were right since the start, under a key of this process. */
  readonly #key = randomBytes(32);
  readonly #known = new Map<string, Buffer>();

  private constructor(text: string, file: string) {
    const unread: string[] = [];
    const spoilt = new Set<string>();
    for (const [index, raw] of text.split('\n').entries()) {
      const line = raw.trim();
      if (line === '' || line.startsWith('#')) continue;
      const match = /^([^:\s]{1,64}):scrypt\$([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+)$/.exec(line);
      const hash = Buffer.from(match?.[3] ?? '', 'base64');
      if (match !== null && hash.length === KEY_BYTES)
        this.#entries.set(match[1]!, { salt: Buffer.from(match[2]!, 'base64'), hash });
      else {
        const name = nameIn(line);
        if (name !== undefined) spoilt.add(name);
        unread.push(
          `LS-CONFIG-002: ${file}:${index + 1}: expected name:scrypt$salt$hash, as "loadstone edge passwd NAME" prints it; ${name ?? 'its user'} cannot connect`,
        );
      }
    }
    // Which line of a user was meant is unknown, and an older password may have been withdrawn.
    for (const name of spoilt) this.#entries.delete(name);
    this.unread = unread;
  }

  /** Leaves out lines that it cannot read; see `unread`. */
  static parse(text: string, file: string): DeviceUsers {
    return new DeviceUsers(text, file);
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /**
   * Checks a password. At most four checks run at a time and the others wait, so that guesses do not starve the gateway. More than
   * four checks of one name are refused, so that guesses at one device lock no other out. The device itself is not locked out
   * either if it has logged in with a long password since the start.
   */
  async check(name: string | undefined, password: Uint8Array | undefined): Promise<boolean> {
    const entry = this.#entries.get(name ?? '');
    if (name === undefined || entry === undefined || password === undefined || password.length > MOST_PASSWORD_BYTES)
      return false;
    const isLong = password.length >= LONG_PASSWORD_BYTES;
    const mark = createHmac('sha256', this.#key).update(`${name}:`).update(password).digest();
    const known = this.#known.get(name);
    if (isLong && known !== undefined && timingSafeEqual(mark, known)) return true;
    const asked = this.#asked.get(name) ?? 0;
    if (asked >= MAX_CHECKS) return false;
    this.#asked.set(name, asked + 1);
    if (this.#running < MAX_CHECKS) this.#running++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      const derived = await derive(Buffer.from(password).toString('utf8'), entry.salt, KEY_BYTES, COST);
      const isRight = timingSafeEqual(derived, entry.hash);
      if (isRight && isLong) this.#known.set(name, mark);
      return isRight;
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
      this.#asked.set(name, this.#asked.get(name)! - 1);
    }
  }
}

/** The user that an unreadable line seems to be for. Nothing longer is shown, because it may be a password. */
const nameIn = (line: string): string | undefined => /^([^:\s]{1,64}):/.exec(line)?.[1];

/** The user file's line for a name and its password. */
export async function userLine(name: string, password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, KEY_BYTES, COST);
  return `${name}:scrypt$${salt.toString('base64')}$${hash.toString('base64')}`;
}
