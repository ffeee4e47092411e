import type { Stream } from '../../shared/contracts/frame.ts';
import { crc32c } from './crc32c.ts';

/**
 * One record of a segment, little endian:
 * 0 magic uint16 | 2 version uint8 | 3 stream uint8 | 4 payload length uint32 | 8 run uint32 | 12 offset uint64
 * 20 time float64 (plant time of acceptance, ms UTC) | 28 CRC-32C of bytes 0..27 | 32 CRC-32C of the payload | 36 payload
 * The header has its own checksum, which distinguishes a truncated write from damage.
 */
export const HEADER_BYTES = 36;
const MAGIC = 0x4c5a;
const VERSION = 1;
export const MAX_RECORD_PAYLOAD = 1_000_000;
const streamCodes: readonly Stream[] = ['measurements', 'events'];

export interface JournalEntry {
  readonly stream: Stream;
  readonly run: number;
  readonly offset: number;
  /** Plant time of acceptance, ms UTC. */
  readonly time: number;
  readonly payload: Uint8Array;
}

export function encodeRecords(entries: readonly JournalEntry[]): Uint8Array {
  const bytes = new Uint8Array(entries.reduce((sum, entry) => sum + HEADER_BYTES + entry.payload.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const entry of entries) {
    view.setUint16(at, MAGIC, true);
    view.setUint8(at + 2, VERSION);
    view.setUint8(at + 3, streamCodes.indexOf(entry.stream));
    view.setUint32(at + 4, entry.payload.length, true);
    view.setUint32(at + 8, entry.run, true);
    view.setBigUint64(at + 12, BigInt(entry.offset), true);
    view.setFloat64(at + 20, entry.time, true);
    view.setUint32(at + 28, crc32c(bytes, at, at + 28), true);
    view.setUint32(at + 32, crc32c(entry.payload), true);
    bytes.set(entry.payload, at + HEADER_BYTES);
    at += HEADER_BYTES + entry.payload.length;
  }
  return bytes;
}

/** What is found at a position of a segment. */
export type RecordAt =
  | { readonly kind: 'record'; readonly entry: JournalEntry; readonly end: number }
  /** The bytes end before the record does: a truncated write. */
  | { readonly kind: 'short' }
  | { readonly kind: 'damaged' };

export function readRecord(bytes: Uint8Array, at: number): RecordAt {
  if (at + HEADER_BYTES > bytes.length) return { kind: 'short' };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(at, true) !== MAGIC || bytes[at + 2] !== VERSION) return { kind: 'damaged' };
  if (view.getUint32(at + 28, true) !== crc32c(bytes, at, at + 28)) return { kind: 'damaged' };
  const stream = streamCodes[bytes[at + 3]!];
  const length = view.getUint32(at + 4, true);
  const offset = view.getBigUint64(at + 12, true);
  if (stream === undefined || length > MAX_RECORD_PAYLOAD || offset > BigInt(Number.MAX_SAFE_INTEGER)) {
    return { kind: 'damaged' };
  }
  const end = at + HEADER_BYTES + length;
  if (end > bytes.length) return { kind: 'short' };
  const payload = bytes.subarray(at + HEADER_BYTES, end);
  if (view.getUint32(at + 32, true) !== crc32c(payload)) return { kind: 'damaged' };
  const entry = {
    stream,
    run: view.getUint32(at + 8, true),
    offset: Number(offset),
    time: view.getFloat64(at + 20, true),
    payload,
  };
  return { kind: 'record', entry, end };
}
