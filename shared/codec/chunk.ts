import { MODEL_CHUNK_BYTES } from '../contracts/model.ts';
import { hex } from './sha256.ts';

/** One chunk of a file that is fetched by its hash: SHA-256 of the whole file (32 bytes), index (uint32 little endian), chunk. */
const HASH_BYTES = 32;
const HEAD_BYTES = HASH_BYTES + 4;

/** `sha256` is the hash of `bytes`, the whole file, in lower-case hexadecimal. */
export function encodeChunk({
  sha256,
  index,
  bytes,
}: {
  sha256: string;
  index: number;
  bytes: Uint8Array;
}): Uint8Array {
  const chunk = bytes.subarray(index * MODEL_CHUNK_BYTES, (index + 1) * MODEL_CHUNK_BYTES);
  const payload = new Uint8Array(HEAD_BYTES + chunk.length);
  for (let i = 0; i < HASH_BYTES; i++) payload[i] = Number.parseInt(sha256.slice(2 * i, 2 * i + 2), 16);
  new DataView(payload.buffer).setUint32(HASH_BYTES, index, true);
  payload.set(chunk, HEAD_BYTES);
  return payload;
}

export interface Chunk {
  readonly sha256: string;
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** Returns undefined if the payload is too short to be a chunk or longer than a chunk may be. */
export function decodeChunk(payload: Uint8Array): Chunk | undefined {
  if (payload.length <= HEAD_BYTES || payload.length > HEAD_BYTES + MODEL_CHUNK_BYTES) return undefined;
  const index = new DataView(payload.buffer, payload.byteOffset, payload.byteLength).getUint32(HASH_BYTES, true);
  return { sha256: hex(payload.subarray(0, HASH_BYTES)), index, bytes: payload.subarray(HEAD_BYTES) };
}
