import { markOf, OFFSET_MODULUS, qualityRank } from './marks.ts';
import type { Interval, Point, SeriesKey } from './store.ts';

/** The measurement of all samples: tags gateway, device, metric; field `value` (float) and, unless it is 0, `mark` (integer). */
export const MEASUREMENT = 'telemetry';
/**
 * Roll-ups, at the start of their quarter of an hour: fields `mean`, `min`, `max`, `coverage` (float) and `quality` (integer). One written
 * after all earlier ones has `closes` (integer) too.
 */
export const ROLLUP = 'telemetry_rollup';
/**
 * Days with points that came after their roll-up, at the end of the day: `late` is the id of the note, `done` the id of the note whose
 * points the roll-ups include.
 */
export const LATE = 'telemetry_late';

const escapeTag = (text: string): string => text.replaceAll(/[,= ]/g, String.raw`\$&`);

const headOf = (measurement: string, key: SeriesKey): string =>
  `${measurement},device=${escapeTag(key.device)},gateway=${escapeTag(key.gateway)},metric=${escapeTag(key.metric)}`;

/** Writes InfluxDB line protocol; caches the head of each series by the key's identity. */
export class LineWriter {
  readonly #heads = new WeakMap<SeriesKey, string>();

  /** One line. The timestamp is source time in ms with (offset mod 10^6) as its nanoseconds, composed as text because it exceeds 2^53. */
  line(point: Point): string {
    let head = this.#heads.get(point.series);
    if (head === undefined) {
      head = `${headOf(MEASUREMENT, point.series)} value=`;
      this.#heads.set(point.series, head);
    }
    const mark = markOf(point.offset, point.quality, point.origin);
    const nanoseconds = (OFFSET_MODULUS + (point.offset % OFFSET_MODULUS)).toString().slice(1);
    // -0 is written as 0; InfluxDB reads a whole number without suffix as a float.
    const fields = mark === 0 ? `${head}${point.value}` : `${head}${point.value},mark=${mark}i`;
    return point.time === 0 ? `${fields} ${Number(nanoseconds)}` : `${fields} ${point.time}${nanoseconds}`;
  }

  lines(points: readonly Point[]): string[] {
    return points.map((point) => this.line(point));
  }
}

const nanosecondsOf = (time: number): string => (time === 0 ? '0' : `${time}000000`);

/** A quarter without data is written too, because it may have had a mean before something came late. */
export function rollupLine(key: SeriesKey, interval: Interval, closes = false): string {
  const { start, mean, min, max, coverage, quality } = interval;
  const values = `${mean === null ? '' : `mean=${mean},min=${min},max=${max},`}${closes ? 'closes=1i,' : ''}`;
  return `${headOf(ROLLUP, key)} ${values}coverage=${coverage},quality=${qualityRank(quality)}i ${nanosecondsOf(start)}`;
}

/** Notes a day whose roll-ups must be made again. */
export const lateLine = (key: SeriesKey, { id, at }: { id: number; at: number }): string =>
  `${headOf(LATE, key)} late=${id}i,done=0i ${nanosecondsOf(at)}`;

/** Notes that they have been made again, with all points noted under this id. */
export const doneLine = (key: SeriesKey, { id, at }: { id: number; at: number }): string =>
  `${headOf(LATE, key)} done=${id}i ${nanosecondsOf(at)}`;

export const quoted = (text: string): string => `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;

/** InfluxQL condition that selects these series by tags. */
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

/** Parses an RFC 3339 time with up to nine digits of fraction, as InfluxQL returns it. */
export function parseStamp(text: string): StampedTime {
  const dot = text.indexOf('.');
  if (dot < 0) return { time: Date.parse(text), low: 0 };
  const fraction = text.slice(dot + 1, -1).padEnd(9, '0');
  return { time: Date.parse(`${text.slice(0, dot)}Z`) + Number(fraction.slice(0, 3)), low: Number(fraction.slice(3)) };
}
