import type { Accounted } from '../contracts/acknowledgement.ts';
import { signRaw, verifyRaw, type SigningKey } from './signed-document.ts';

/** The content that a heartbeat's signature covers. Both sides know it, so only the signature travels. */
export interface HeartbeatWords {
  readonly gateway: string;
  /** The nonce of the gateway's newest birth. */
  readonly nonce: string;
  /** ms UTC, plant time. */
  readonly time: number;
  /** Entries from `coveredText`. Absent for a cloud of an earlier version. */
  readonly covered?: readonly string[] | undefined;
}

/** No signed document begins like this or contains a line break, so neither can pass for the other. */
function bytesOf({ gateway, nonce, time, covered }: HeartbeatWords): Uint8Array<ArrayBuffer> {
  const head = `loadstone-heartbeat ${covered === undefined ? 1 : 2}`;
  return new TextEncoder().encode([head, gateway, nonce, String(time), ...(covered ?? [])].join('\n'));
}

/** The form that is signed and sent. */
export const coveredText = ({ stream, run, upTo, ranges }: Accounted): string =>
  [stream, run, upTo, ...ranges.flat()].join(' ');

/** Inverse of `coveredText`. The text must match its schema. */
export function readCovered(text: string): Accounted {
  const [stream, ...rest] = text.split(' ');
  const [run, upTo, ...bounds] = rest.map(Number);
  const ranges = bounds.flatMap((first, at) => (at % 2 === 0 ? [[first, bounds[at + 1]!] as [number, number]] : []));
  return { stream: stream as Accounted['stream'], run: run!, upTo: upTo!, ranges };
}

/** Distinguishes births. It has no security value. */
const MARK_CHARS = 8;
const markOf = (nonce: string): string => nonce.slice(0, MARK_CHARS);

/** A mark of the answered birth, a dot, and the Ed25519 signature (RFC 8032) in base64url. */
export const signHeartbeat = async (words: HeartbeatWords, key: SigningKey): Promise<string> =>
  `${markOf(words.nonce)}.${await signRaw(bytesOf(words), key)}`;

/** `other-birth`: the heartbeat answers another birth, so its signature is not checked. */
export async function judgeHeartbeat(
  signed: string,
  words: HeartbeatWords,
  keys: readonly SigningKey[],
): Promise<'signed' | 'other-birth' | 'refused'> {
  const [mark, signature = ''] = signed.split('.');
  if (mark !== markOf(words.nonce)) return 'other-birth';
  return (await verifyRaw(bytesOf(words), signature, keys)) ? 'signed' : 'refused';
}
