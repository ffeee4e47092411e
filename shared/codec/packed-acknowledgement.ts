import type { Acknowledgement } from '../contracts/acknowledgement.ts';
import { MAX_OFFSET } from '../contracts/ids.ts';

/**
 * An acknowledgement without ranges and refusals, 13 bytes, little endian:
 * 1 measurements, 2 events uint8 | run uint32 | number of acknowledged offsets, `upTo` + 1, uint64. The JSON form begins with `{`.
 */
const BYTES = 13;
const streams = { measurements: 1, events: 2 } as const;

export const canPack = ({ ranges, refused }: Acknowledgement): boolean => ranges.length + refused.length === 0;

export function packAcknowledgement({ stream, run, upTo }: Acknowledgement): Uint8Array {
  const bytes = new Uint8Array(BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, streams[stream]);
  view.setUint32(1, run, true);
  view.setBigUint64(5, BigInt(upTo + 1), true);
  return bytes;
}

/** Returns undefined if the bytes are no packed acknowledgement. */
export function unpackAcknowledgement(bytes: Uint8Array): Acknowledgement | undefined {
  const stream = bytes[0] === 1 ? 'measurements' : bytes[0] === 2 ? 'events' : undefined;
  if (stream === undefined || bytes.length !== BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getBigUint64(5, true);
  if (count > BigInt(MAX_OFFSET) + 1n) return undefined;
  return { version: 1, stream, run: view.getUint32(1, true), upTo: Number(count) - 1, ranges: [], refused: [] };
}
