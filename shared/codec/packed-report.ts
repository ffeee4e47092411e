import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import { bad, good, type Outcome } from '../outcome/outcome.ts';
import { packed, unpacked } from './packed.ts';

/**
 * Successive reports differ little. Plain JSON begins with `{`; a packed report begins with one of these bytes:
 * 1 | Brotli of the JSON, or
 * 2 | CRC-32 of an earlier JSON, uint32 LE | raw Deflate of this JSON with the earlier one as its dictionary.
 */
const WHOLE = 1;
const DELTA = 2;
const HEAD_BYTES = 5;
/** No packed report may expand to more. A gateway with 1,000 devices reports 250 kB. */
export const MOST_REPORT_BYTES = 1_000_000;
/** A whole report is sent at least this often, so that a receiver recovers when one is lost. */
const RENEW_MS = 120_000;

/** The name under which a cloud that reads packed reports announces it in its heartbeat. */
export const REPORT_ENCODING = 'delta';

export const packReport = (json: Uint8Array): Uint8Array => headed([WHOLE], packed(json));

/**
 * Packs successive reports of one kind. Each delta builds on the last whole report and never on another delta, so any delta may be lost.
 */
export class ReportPacker {
  #base: { readonly json: Uint8Array; readonly bytes: number; readonly atMs: number } | undefined;

  pack(json: Uint8Array, nowMs: number): Uint8Array {
    const base = this.#base;
    if (base !== undefined && nowMs - base.atMs < RENEW_MS) {
      const delta = headed(
        [DELTA, ...uint32(crc32(base.json))],
        deflateRawSync(json, { dictionary: base.json, level: 9, memLevel: 9 }),
      );
      if (delta.length <= base.bytes / 2) return delta;
    }
    const whole = packReport(json);
    this.#base = { json, bytes: whole.length, atMs: nowMs };
    return whole;
  }

  /** Makes the next report a whole one. */
  reset(): void {
    this.#base = undefined;
  }
}

/** Reads successive reports of one kind from one sender. */
export class ReportReader {
  #base: Uint8Array | undefined;

  /** The JSON, or undefined if the whole report that this delta builds on never arrived. The next whole report resolves that. */
  read(payload: Uint8Array): Outcome<Uint8Array | undefined> {
    if (payload[0] === WHOLE) {
      const json = unpacked(payload.subarray(1), MOST_REPORT_BYTES);
      if (json === undefined) return unreadable;
      this.#base = json;
      return good(json);
    }
    if (payload[0] !== DELTA) return good(payload);
    if (payload.length <= HEAD_BYTES) return unreadable;
    const base = this.#base;
    const check = new DataView(payload.buffer, payload.byteOffset, payload.byteLength).getUint32(1, true);
    if (base === undefined || crc32(base) !== check) return good(undefined);
    try {
      const text = inflateRawSync(payload.subarray(HEAD_BYTES), {
        dictionary: base,
        maxOutputLength: MOST_REPORT_BYTES,
      });
      return good(new Uint8Array(text));
    } catch {
      return unreadable;
    }
  }
}

const unreadable = bad('LS-INGEST-007', 'the report is neither JSON nor validly packed');

const uint32 = (value: number): number[] => [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];

function headed(head: readonly number[], rest: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(head.length + rest.length);
  bytes.set(head);
  bytes.set(rest, head.length);
  return bytes;
}
