import type { Frame, FrameValue } from '../../shared/contracts/frame.ts';
import { origins, qualities } from '../../shared/contracts/value-codes.ts';

export interface FrameRecord {
  readonly frame: Frame;
  /** Elapsed machine time at acceptance, ms. */
  readonly monotonicMs: number;
}

/** A frame as the journal holds it: JSON [device, time, monotonic ms, [[metric, value, quality, origin], ...]]. */
export function encodeFrameRecord({ frame, monotonicMs }: FrameRecord): Uint8Array {
  const values = frame.values.map((each) => [
    each.metric,
    each.value,
    qualities.indexOf(each.quality),
    origins.indexOf(each.origin),
  ]);
  return new TextEncoder().encode(JSON.stringify([frame.device, frame.time, monotonicMs, values]));
}

/** The journal's checksum stands behind it, so what does not fit is a fault of ours or of another version: undefined. */
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

/** The gateway's side of the journal: a frame that was written a moment ago is not read back from its own bytes. */
export class FrameRecords {
  readonly #written = new WeakMap<Uint8Array, FrameRecord>();

  encode(record: FrameRecord): Uint8Array {
    const payload = encodeFrameRecord(record);
    // JSON has no negative zero: what is sent again later has to be the same.
    if (!record.frame.values.some(({ value }) => Object.is(value, -0))) this.#written.set(payload, record);
    return payload;
  }

  /** Only once without reading: the journal holds its newest bytes for long, and the frame need not stay as long. */
  decode(payload: Uint8Array): FrameRecord | undefined {
    const written = this.#written.get(payload);
    this.forget(payload);
    return written ?? decodeFrameRecord(payload);
  }

  /** It leaves later, with the backlog. */
  forget(payload: Uint8Array): void {
    this.#written.delete(payload);
  }
}
