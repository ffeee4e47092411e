import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import { asBuffer } from '../../shared/codec/as-buffer.ts';

/** The header of a letter. The carrier can read it but not change it. */
export interface Envelope {
  /** `OWNER`, or the id of a node. */
  readonly from: string;
  readonly to: string;
  /** The line's id, assigned by the owner; empty: a node asks for a line. */
  readonly line: string;
  /** Counts the letters of this side on this line, from 1. */
  readonly number: number;
  /** Number of letters of the same message still to come. */
  readonly more: number;
  /** The node's queue for letters. */
  readonly queue: string;
}

export interface Letter {
  readonly envelope: Envelope;
  readonly part: Uint8Array;
}

export const OWNER = 'owner';
export const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const LENGTH_BYTES = 2;
/** Brokers limit the message size: RabbitMQ to 16 MiB by default. */
const PART_BYTES = 1_000_000;
/** A snapshot of a region of a thousand gateways has about 100 MB. */
export const MOST_PARTS = 512;

/** Seals a letter (AES-256-GCM, each with a random nonce), because the carrier handles passwords and rights. */
export function sealed(key: Uint8Array, { envelope, part }: Letter): Buffer {
  const head = Buffer.from(JSON.stringify(envelope));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt16BE(head.length);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(head);
  return Buffer.concat([length, head, nonce, cipher.update(part), cipher.final(), cipher.getAuthTag()]);
}

/** A complete letter sealed with this key; undefined for anything else. */
export function opened(key: Uint8Array, bytes: Uint8Array): Letter | undefined {
  try {
    const buffer = asBuffer(bytes);
    const bodyAt = LENGTH_BYTES + buffer.readUInt16BE(0) + NONCE_BYTES;
    const head = buffer.subarray(LENGTH_BYTES, bodyAt - NONCE_BYTES);
    const cipher = createDecipheriv('aes-256-gcm', key, buffer.subarray(bodyAt - NONCE_BYTES, bodyAt), {
      authTagLength: TAG_BYTES,
    });
    cipher.setAAD(head).setAuthTag(buffer.subarray(-TAG_BYTES));
    const part = Buffer.concat([cipher.update(buffer.subarray(bodyAt, -TAG_BYTES)), cipher.final()]);
    // Only a holder of the key could write what is read here.
    return { envelope: JSON.parse(head.toString('utf8')) as Envelope, part };
  } catch {
    return undefined;
  }
}

/** The letters that one side sends on a line. */
export class Outbox {
  readonly #key: Uint8Array;
  readonly #address: Omit<Envelope, 'number' | 'more'>;
  #number = 0;

  constructor(key: Uint8Array, address: Omit<Envelope, 'number' | 'more'>) {
    this.#key = key;
    this.#address = address;
  }

  /** A message as letters, to be sent in order. Throws if it cannot be cloned, or exceeds what a line carries. */
  lettersOf(message: object): Buffer[] {
    const bytes = serialize(message);
    const parts = Math.max(1, Math.ceil(bytes.length / PART_BYTES));
    if (parts > MOST_PARTS)
      throw new Error(`${bytes.length} bytes exceed the size of a message between processes of the cloud`);
    return Array.from({ length: parts }, (_, at) =>
      sealed(this.#key, {
        envelope: { ...this.#address, number: ++this.#number, more: parts - 1 - at },
        part: bytes.subarray(at * PART_BYTES, (at + 1) * PART_BYTES),
      }),
    );
  }
}

/**
 * The result of a letter: a complete message; `part`: more of its message is to come; `copy`: a duplicate; `gap`: an earlier one is
 * missing.
 */
export type Taken = { readonly message: object } | 'part' | 'copy' | 'gap';

/** The received letters of one side of a line: each message once, after all that were sent before it. */
export class Inbox {
  #number = 0;
  #parts: Uint8Array[] = [];

  /** Takes a letter of the other side on this line. */
  take({ envelope: { number, more }, part }: Letter): Taken {
    if (number <= this.#number) return 'copy';
    if (number !== this.#number + 1 || this.#parts.length >= MOST_PARTS) return 'gap';
    this.#number = number;
    this.#parts.push(part);
    if (more > 0) return 'part';
    const bytes = this.#parts.length === 1 ? part : Buffer.concat(this.#parts);
    this.#parts = [];
    return { message: deserialize(bytes) as object };
  }
}
