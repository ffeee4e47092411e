import type { Accounted } from '../contracts/acknowledgement.ts';
import { signRaw, verifyRaw, type SigningKey } from './signed-document.ts';

/** What a heartbeat vouches for. Both sides know it, so the signature alone travels. */
export interface HeartbeatWords {
  readonly gateway: string;
  /** Of the gateway's newest birth. */
  readonly nonce: string;
  /** ms UTC, plant time. */
  readonly time: number;
  /** Absent: as a cloud of before signs it. */
  readonly covered?: readonly Accounted[] | undefined;
}

/** No signed document begins so, and none has a line break: the one never passes for the other. */
function bytesOf({ gateway, nonce, time, covered }: HeartbeatWords): Uint8Array<ArrayBuffer> {
  const head = `loadstone-heartbeat ${covered === undefined ? 1 : 2}`;
  const lines = (covered ?? []).map(({ stream, run, upTo, ranges }) => [stream, run, upTo, ...ranges.flat()].join(' '));
  return new TextEncoder().encode([head, gateway, nonce, String(time), ...lines].join('\n'));
}

/** Tells births apart; it proves nothing. */
const MARK_CHARS = 8;
const markOf = (nonce: string): string => nonce.slice(0, MARK_CHARS);

/** A mark of the birth that is answered, a dot, and the Ed25519 signature (RFC 8032) in base64url. */
export const signHeartbeat = async (words: HeartbeatWords, key: SigningKey): Promise<string> =>
  `${markOf(words.nonce)}.${await signRaw(bytesOf(words), key)}`;

/** `other-birth`: it answers another birth, which is all that is known of it. */
export async function judgeHeartbeat(
  signed: string,
  words: HeartbeatWords,
  keys: readonly SigningKey[],
): Promise<'signed' | 'other-birth' | 'refused'> {
  const [mark, signature = ''] = signed.split('.');
  if (mark !== markOf(words.nonce)) return 'other-birth';
  return (await verifyRaw(bytesOf(words), signature, keys)) ? 'signed' : 'refused';
}
