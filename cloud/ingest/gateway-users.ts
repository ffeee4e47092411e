import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { ID_PATTERN } from '../../shared/contracts/ids.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import { FewAtOnce } from '../../shared/time/few-at-once.ts';
import { networkOf } from '../access/network-of.ts';
import { GuessBrake } from './guess-brake.ts';

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number }, Buffer>(scrypt);
/** OWASP's scrypt setting of 16 MiB a guess. Derivations run in Node's thread pool, beside the main thread. */
const COST = { N: 2 ** 14, r: 8, p: 1 } as const;
const KEY_BYTES = 32;
const MAX_PASSWORD_BYTES = 256;
/**
 * NIST SP 800-63B-4, 3.1.1.2: the minimum length of a password that is the only factor. One this long cannot be guessed through a broker.
 */
const LONG_PASSWORD_BYTES = 15;
/**
 * Maximum number of concurrent derivations. More wait; beyond `MAX_WAITING` they are turned away, so that guessing does not starve the
 * cloud.
 */
const MAX_RUNNING = 2;
/** A few seconds of derivations, less than a gateway waits for its answer. */
const MAX_WAITING = 200;

/** `busy`: not judged, because of too many attempts at once or too many wrong ones before; the client should retry. */
export type UserVerdict = 'known' | 'wrong' | 'busy';

interface UserEntry {
  readonly salt: Buffer;
  readonly hash: Buffer;
}
/** Hashed passwords, by gateway. */
export type UserEntries = ReadonlyMap<string, UserEntry>;

export interface UserAttempt {
  readonly gateway: string;
  readonly password: Uint8Array | undefined;
  /** Remote address of the connection. */
  readonly address: string;
  /** True once the client has disconnected; then no key is derived for it. */
  readonly gone: () => boolean;
}

/**
 * Parses gateways and their hashed passwords: one `gateway:scrypt$<salt>$<hash>` (base64) a line; # starts a comment. Throws LS-CONFIG-003
 * with the line that cannot be read.
 */
export function parseUsers(text: string, file: string): UserEntries {
  const entries = new Map<string, UserEntry>();
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
  return entries;
}

/** Judges passwords of gateways. */
export class GatewayUsers {
  #entries: UserEntries;
  readonly #brake: GuessBrake;
  readonly #lanes = new FewAtOnce(MAX_RUNNING, MAX_WAITING);
  /** HMACs of passwords accepted since start, under a key of this process: a disconnected fleet reconnects without derivations. */
  readonly #key = randomBytes(32);
  readonly #known = new Map<string, Buffer>();

  constructor(entries: UserEntries, time: Pick<TimeBase, 'elapsed'>) {
    this.#entries = entries;
    this.#brake = new GuessBrake(time);
  }

  /** Replaces the entries; returns the gateways whose old password is no longer valid. */
  replace(entries: UserEntries): string[] {
    const before = this.#entries;
    const ended = [...before]
      .filter(([gateway, entry]) => !isSame(entry, entries.get(gateway)))
      .map(([gateway]) => gateway);
    for (const gateway of ended) this.#known.delete(gateway);
    this.#entries = entries;
    return ended;
  }

  async check({ gateway, password, address, gone }: UserAttempt): Promise<UserVerdict> {
    const entry = this.#entries.get(gateway);
    if (entry === undefined || password === undefined || password.length > MAX_PASSWORD_BYTES) return 'wrong';
    const mark = createHmac('sha256', this.#key).update(`${gateway}:`).update(password).digest();
    // A gateway with a long password that was accepted before gets in even while someone guesses at it, from the same address too.
    const isLong = password.length >= LONG_PASSWORD_BYTES;
    if (isLong && this.#isKnown(gateway, mark)) return 'known';
    const pair = `${networkOf(address)} ${gateway}`;
    if (!this.#brake.mayTry(pair)) return 'busy';
    let verdict: UserVerdict = 'busy';
    try {
      verdict = this.#isKnown(gateway, mark) ? 'known' : await this.#derived(entry, password, gone);
      if (verdict === 'known' && !isSame(entry, this.#entries.get(gateway))) verdict = 'wrong';
      if (verdict === 'known') this.#known.set(gateway, mark);
      return verdict;
    } finally {
      this.#brake.judged(pair, verdict === 'busy' ? undefined : verdict === 'known');
    }
  }

  #isKnown(gateway: string, mark: Buffer): boolean {
    const known = this.#known.get(gateway);
    return known !== undefined && timingSafeEqual(mark, known);
  }

  async #derived(entry: UserEntry, password: Uint8Array, gone: () => boolean): Promise<UserVerdict> {
    const verdict = this.#lanes.take(async () => {
      if (gone()) return 'busy';
      const derived = await derive(Buffer.from(password).toString('utf8'), entry.salt, KEY_BYTES, COST);
      return timingSafeEqual(derived, entry.hash) ? 'known' : 'wrong';
    });
    return verdict ?? 'busy';
  }
}

const isSame = (a: UserEntry, b: UserEntry | undefined): boolean =>
  b !== undefined && a.salt.equals(b.salt) && a.hash.equals(b.hash);

/** The line of the user file for a gateway and its password. */
export async function gatewayUserLine(gateway: string, password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, KEY_BYTES, COST);
  return `${gateway}:scrypt$${salt.toString('base64')}$${hash.toString('base64')}`;
}
