import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number }, Buffer>(scrypt);
/** OWASP's second-lowest memory setting: 16 MiB a guess, which a gateway can spare. */
const COST = { N: 2 ** 14, r: 8, p: 1 } as const;
const KEY_BYTES = 32;
const MAX_CHECKS = 4;

interface Entry {
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** Users of the local broker, hashed: one `name:scrypt$<salt>$<hash>` (base64) a line; # begins a comment. */
export class DeviceUsers {
  readonly #entries = new Map<string, Entry>();
  #running = 0;

  /** Throws a plain Error that names the line which cannot be read. */
  static parse(text: string, file: string): DeviceUsers {
    const users = new DeviceUsers();
    for (const [index, raw] of text.split('\n').entries()) {
      const line = raw.trim();
      if (line === '' || line.startsWith('#')) continue;
      const match = /^([^:\s]{1,64}):scrypt\$([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+)$/.exec(line);
      const hash = Buffer.from(match?.[3] ?? '', 'base64');
      if (match === null || hash.length !== KEY_BYTES) {
        throw new Error(
          `${file}:${index + 1}: expected name:scrypt$salt$hash, as "loadstone edge passwd NAME" prints it`,
        );
      }
      users.#entries.set(match[1]!, { salt: Buffer.from(match[2]!, 'base64'), hash });
    }
    return users;
  }

  /** Whether the password is right. More than four checks at a time are refused, so that guesses do not eat the gateway. */
  async check(name: string | undefined, password: Uint8Array | undefined): Promise<boolean> {
    const entry = this.#entries.get(name ?? '');
    if (entry === undefined || password === undefined || password.length > 256 || this.#running >= MAX_CHECKS)
      return false;
    this.#running++;
    try {
      const derived = await derive(Buffer.from(password).toString('utf8'), entry.salt, KEY_BYTES, COST);
      return timingSafeEqual(derived, entry.hash);
    } finally {
      this.#running--;
    }
  }
}

/** The line of the user file for a name and its password. */
export async function userLine(name: string, password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, KEY_BYTES, COST);
  return `${name}:scrypt$${salt.toString('base64')}$${hash.toString('base64')}`;
}
