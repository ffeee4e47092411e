import { MAX_OFFSET } from '../contracts/ids.ts';

/**
 * The `body` of a Loadstone frame, little endian, 21 bytes:
 * version uint8 = 1 | run uint32 | offset uint64 | monotonic time float64 (ms since an arbitrary origin of the gateway).
 */
export const FRAME_UUID = 'loadstone/frame/v1';
const VERSION = 1;
const BYTES = 21;

export interface FrameBody {
  readonly run: number;
  readonly offset: number;
  /** The gateway's monotonic time when it accepted the frame, ms. It reveals steps of the wall clock. */
  readonly monotonicMs: number;
}

export function encodeFrameBody(body: FrameBody): Uint8Array {
  const bytes = new Uint8Array(BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, VERSION);
  view.setUint32(1, body.run, true);
  view.setBigUint64(5, BigInt(body.offset), true);
  view.setFloat64(13, body.monotonicMs, true);
  return bytes;
}

/** Returns undefined if the bytes are no body of a known version. */
export function decodeFrameBody(bytes: Uint8Array): FrameBody | undefined {
  if (bytes.length !== BYTES || bytes[0] !== VERSION) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const offset = view.getBigUint64(5, true);
  const monotonicMs = view.getFloat64(13, true);
  if (offset > BigInt(MAX_OFFSET) || !Number.isFinite(monotonicMs)) return undefined;
  return { run: view.getUint32(1, true), offset: Number(offset), monotonicMs };
}
