import { ID_PATTERN } from '../../shared/contracts/ids.ts';
import { plainText } from '../../shared/contracts/plain-text.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { seriesId } from './series-id.ts';
import type { Point, SeriesKey } from './store.ts';

const id = new RegExp(ID_PATTERN);
// A foreign metric's name may contain quotes and spaces, but nothing invisible and nothing that could end a line or an escape.
const metricName = /^[^\\]{1,128}$/;

/** The latest source time that a store takes: the limit of 64-bit nanoseconds. */
export const MAX_TIME_MS = 9_223_372_036_854;

/** Why a series cannot be stored; undefined if it can. */
export function seriesFault(key: SeriesKey): string | undefined {
  if (!id.test(key.gateway)) return `gateway ${JSON.stringify(key.gateway)} is not an id`;
  if (!id.test(key.device)) return `device ${JSON.stringify(key.device)} is not an id`;
  if (!metricName.test(key.metric) || plainText(key.metric) !== key.metric)
    return `metric ${JSON.stringify(key.metric)} is not a valid name`;
  return undefined;
}

/** Why a point cannot be stored, apart from its series; undefined if it can. */
function pointFault(point: Point): string | undefined {
  if (!Number.isFinite(point.value)) return `value ${point.value} is not a finite number`;
  if (!Number.isInteger(point.time) || point.time < 0 || point.time > MAX_TIME_MS)
    return `time ${point.time} is not valid`;
  if (!Number.isSafeInteger(point.offset) || point.offset < 0) return `offset ${point.offset} is not valid`;
  return undefined;
}

/**
 * Throws LS-STORE-002 for the first point that no store could take, so that nothing of the batch is written. Caches valid series in
 * `checked`.
 */
export function assertStorable(points: readonly Point[], checked: WeakSet<SeriesKey>): void {
  for (const point of points) {
    let fault = pointFault(point);
    if (fault === undefined && !checked.has(point.series)) {
      fault = seriesFault(point.series);
      if (fault === undefined) checked.add(point.series);
    }
    if (fault !== undefined)
      throw new LoadstoneError('LS-STORE-002', `${fault} (series ${seriesId(point.series).replaceAll('\n', '/')})`);
  }
}
