import type { Frame, FrameValue } from '../../shared/contracts/frame.ts';
import { origins, qualities } from '../../shared/contracts/value-codes.ts';

export interface FrameRecord {
  readonly frame: Frame;
  /** Elapsed machine time at acceptance, ms. */
  readonly monotonicMs: number;
}

/** A frame as the journal stores it: JSON [device, time, monotonic ms, [[metric, value, quality, origin], ...]]. */
export function encodeFrameRecord({ frame, monotonicMs }: FrameRecord): Uint8Array {
  const values = frame.values.map((each) => [
    each.metric,
    each.value,
    qualities.indexOf(each.quality),
    origins.indexOf(each.origin),
  ]);
  return new TextEncoder().encode(JSON.stringify([frame.device, frame.time, monotonicMs, values]));
}

/** Decodes a record. The journal has verified its checksum, so one that does not parse is a defect or from another version: undefined. */
export function decodeFrameRecord(payload: Uint8Array): FrameRecord | undefined {
  try {
    const [device, time, monotonicMs, values] = JSON.parse(new TextDecoder().decode(payload)) as [
      string,
      number,
      number,
      [string, number, number, number][],
    ];
    const frame: Frame = {
      device,
      time,
      values: values.map(([metric, value, quality, origin]): FrameValue => ({
        metric,
        value,
        quality: qualities[quality]!,
        origin: origins[origin]!,
      })),
    };
    return { frame, monotonicMs };
  } catch {
    return undefined;
  }
}

/** Encodes and decodes frames; a frame that was just written is not parsed from its own bytes. */
export class FrameRecords {
  readonly #written = new WeakMap<Uint8Array, FrameRecord>();

  encode(record: FrameRecord): Uint8Array {
    const payload = encodeFrameRecord(record);
    // JSON has no negative zero, and a resend later must be identical.
    if (!record.frame.values.some(({ value }) => Object.is(value, -0))) this.#written.set(payload, record);
    return payload;
  }

  /** Uses the kept frame once only: the journal holds its newest bytes for long, but the frame need not stay as long. */
  decode(payload: Uint8Array): FrameRecord | undefined {
    const written = this.#written.get(payload);
    this.forget(payload);
    return written ?? decodeFrameRecord(payload);
  }

  /** Drops the kept frame; it will be sent later with the backlog. */
  forget(payload: Uint8Array): void {
    this.#written.delete(payload);
  }
}
