import { markOf, OFFSET_MODULUS } from './marks.ts';
import type { Point, SeriesKey } from './store.ts';

/** Everything is in one measurement: tags gateway, device, metric; field `value` (float) and, where it is not 0, `mark` (integer). */
export const MEASUREMENT = 'telemetry';

const escapeTag = (text: string): string => text.replaceAll(/[,= ]/g, String.raw`\$&`);

const headOf = (key: SeriesKey): string =>
  `${MEASUREMENT},device=${escapeTag(key.device)},gateway=${escapeTag(key.gateway)},metric=${escapeTag(key.metric)} value=`;

/** Writes InfluxDB line protocol; remembers the head of each series by the key's identity. */
export class LineWriter {
  readonly #heads = new WeakMap<SeriesKey, string>();

  /** One line. The timestamp is source time in ms and (offset mod 10^6) as its nanoseconds, put together as text: it is beyond 2^53. */
  line(point: Point): string {
    let head = this.#heads.get(point.series);
    if (head === undefined) {
      head = headOf(point.series);
      this.#heads.set(point.series, head);
    }
    const mark = markOf(point.offset, point.quality, point.origin);
    const nanoseconds = (OFFSET_MODULUS + (point.offset % OFFSET_MODULUS)).toString().slice(1);
    // -0 is written as 0; a whole number without a suffix is a float to InfluxDB.
    const fields = mark === 0 ? `${head}${point.value}` : `${head}${point.value},mark=${mark}i`;
    return point.time === 0 ? `${fields} ${Number(nanoseconds)}` : `${fields} ${point.time}${nanoseconds}`;
  }

  lines(points: readonly Point[]): string[] {
    return points.map((point) => this.line(point));
  }
}

const quoted = (text: string): string => `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;

/** InfluxQL condition that selects these series; tags only. */
export const seriesCondition = (keys: readonly SeriesKey[]): string =>
  `(${keys
    .map(
      (key) =>
        `(gateway = ${quoted(key.gateway)} AND device = ${quoted(key.device)} AND metric = ${quoted(key.metric)})`,
    )
    .join(' OR ')})`;

export interface StampedTime {
  readonly time: number;
  /** Offset mod 10^6. */
  readonly low: number;
}

/** Reads an RFC 3339 time with up to nine digits of fraction, as InfluxQL answers it. */
export function parseStamp(text: string): StampedTime {
  const dot = text.indexOf('.');
  if (dot < 0) return { time: Date.parse(text), low: 0 };
  const fraction = text.slice(dot + 1, -1).padEnd(9, '0');
  return { time: Date.parse(`${text.slice(0, dot)}Z`) + Number(fraction.slice(0, 3)), low: Number(fraction.slice(3)) };
}
