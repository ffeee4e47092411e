import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { ID_PATTERN } from '../../shared/contracts/ids.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number }, Buffer>(scrypt);
/** OWASP's setting of 16 MiB a guess. */
const COST = { N: 2 ** 14, r: 8, p: 1 } as const;
const KEY_BYTES = 32;
const MAX_PASSWORD_BYTES = 256;
/** Derivations that run at once; more wait, and beyond `MAX_WAITING` are refused, so that guesses do not eat the cloud. */
const MAX_RUNNING = 2;
const MAX_WAITING = 2000;

interface Entry {
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** Gateways and their passwords, hashed: one `gateway:scrypt$<salt>$<hash>` (base64) a line; # begins a comment. */
export class GatewayUsers {
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

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

  async check(gateway: string, password: Uint8Array | undefined): Promise<boolean> {
    const entry = this.#entries.get(gateway);
    if (entry === undefined || password === undefined || password.length > MAX_PASSWORD_BYTES) return false;
    if (this.#waiting.length >= MAX_WAITING) return false;
    if (this.#running >= MAX_RUNNING) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running++;
    try {
      const derived = await derive(Buffer.from(password).toString('utf8'), entry.salt, KEY_BYTES, COST);
      return timingSafeEqual(derived, entry.hash);
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
