import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { ID_PATTERN } from '../../shared/contracts/ids.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number }, Buffer>(scrypt);
/** OWASP's setting of 16 MiB a guess. */
const COST = { N: 2 ** 14, r: 8, p: 1 } as const;
const KEY_BYTES = 32;
const MAX_PASSWORD_BYTES = 256;
/** Derivations that run at once; more wait, and beyond `MAX_WAITING` are sent away, so that guesses do not eat the cloud. */
const MAX_RUNNING = 2;
/** Some seconds of derivations: less than the time for which a gateway waits for its answer. */
const MAX_WAITING = 200;

/** `busy`: too many are being checked; whoever is told so comes again. */
export type UserVerdict = 'known' | 'wrong' | 'busy';

interface Entry {
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** Gateways and their passwords, hashed: one `gateway:scrypt$<salt>$<hash>` (base64) a line; # begins a comment. */
export class GatewayUsers {
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  /** Passwords that were right since the start, under a key of this process: a fleet that was cut off is back without a derivation. */
  readonly #key = randomBytes(32);
  readonly #known = new Map<string, Buffer>();

  private constructor(entries: ReadonlyMap<string, Entry>) {
    this.#entries = entries;
  }

  /** Throws LS-CONFIG-003 naming the line that cannot be read. */
  static parse(text: string, file: string): GatewayUsers {
    const entries = new Map<string, Entry>();
    for (const [index, raw] of text.split('\n').entries()) {
      const line = raw.trim();
      if (line === '' || line.startsWith('#')) continue;
      const match = /^([^:]+):scrypt\$([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+)$/.exec(line);
      const hash = Buffer.from(match?.[3] ?? '', 'base64');
      if (match === null || !new RegExp(ID_PATTERN).test(match[1]!) || hash.length !== KEY_BYTES) {
        throw new LoadstoneError('LS-CONFIG-003', `${file}:${index + 1}: expected gateway:scrypt$salt$hash`);
      }
      entries.set(match[1]!, { salt: Buffer.from(match[2]!, 'base64'), hash });
    }
    return new GatewayUsers(entries);
  }

  /** `gone` tells whether the asker has hung up meanwhile: then nothing is derived for it. */
  async check(gateway: string, password: Uint8Array | undefined, gone: () => boolean): Promise<UserVerdict> {
    const entry = this.#entries.get(gateway);
    if (entry === undefined || password === undefined || password.length > MAX_PASSWORD_BYTES) return 'wrong';
    const mark = createHmac('sha256', this.#key).update(`${gateway}:`).update(password).digest();
    const known = this.#known.get(gateway);
    if (known !== undefined && timingSafeEqual(mark, known)) return 'known';
    if (this.#waiting.length >= MAX_WAITING) return 'busy';
    if (this.#running >= MAX_RUNNING) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running++;
    try {
      if (gone()) return 'busy';
      const derived = await derive(Buffer.from(password).toString('utf8'), entry.salt, KEY_BYTES, COST);
      if (!timingSafeEqual(derived, entry.hash)) return 'wrong';
      this.#known.set(gateway, mark);
      return 'known';
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }
}

/** The line of the user file for a gateway and its password. */
export async function gatewayUserLine(gateway: string, password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, KEY_BYTES, COST);
  return `${gateway}:scrypt$${salt.toString('base64')}$${hash.toString('base64')}`;
}
