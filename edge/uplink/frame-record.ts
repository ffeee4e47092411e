import type { Frame, FrameValue } from '../../shared/contracts/frame.ts';
import { origins, qualities } from '../../shared/contracts/ids.ts';

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
