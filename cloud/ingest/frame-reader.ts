import type { DecodedMetric, DecodedPayload } from '../../shared/codec/sparkplug.ts';
import { signedValue } from '../../shared/codec/sparkplug-types.ts';
import type { Frame, FrameValue } from '../../shared/contracts/frame.ts';
import { bad, good, type Fault, type Outcome } from '../../shared/outcome/outcome.ts';
import type { Point, SeriesKey } from '../telemetry/store.ts';
import type { NodeTable } from './births.ts';

export interface TimeBounds {
  /** Source times outside are refused, ms UTC. */
  readonly earliest: number;
  readonly latest: number;
}

/** A frame and the series of its values. */
export interface ReadFrame {
  readonly frame: Frame;
  readonly series: readonly SeriesKey[];
  readonly historical: boolean;
}

/** Reads a frame. LS-INGEST-005 calls for a rebirth; any other fault is permanent, however often the frame is resent. */
export function readFrame(
  payload: DecodedPayload,
  device: string,
  node: NodeTable,
  bounds: TimeBounds,
): Outcome<ReadFrame> {
  const values: FrameValue[] = [];
  const series: SeriesKey[] = [];
  let historical = false;
  let time: number | undefined;
  for (const metric of payload.metrics) {
    const known = node.metric(device, metric.alias, metric.name);
    if (known === undefined) return bad('LS-INGEST-005', `${device}: alias ${metric.alias ?? metric.name ?? 'none'}`);
    if (metric.historical) historical = true;
    if (metric.value === null) continue;
    const value = numberOf(metric, known.datatype);
    if (!value.ok) return bad(value.fault.code, `${device}/${known.name}: ${value.fault.detail}`);
    const at = metric.time ?? payload.sentAt;
    if (time !== undefined && at !== time) return bad('LS-INGEST-003', `${device}: two source times in one frame`);
    time = at;
    values.push({ metric: known.name, value: value.value, quality: metric.quality, origin: metric.origin });
    series.push(known.series);
  }
  const at = time ?? payload.sentAt;
  const fault = timeFault(at, bounds);
  if (at === undefined || fault !== undefined) return { ok: false, fault: fault ?? timeless };
  return good({ frame: { device, time: at, values }, series, historical });
}

/** Reads data of a node that is not a Loadstone gateway: one frame for each source time. Values that are not numbers are skipped. */
export function readForeign(
  payload: DecodedPayload,
  device: string,
  node: NodeTable,
  bounds: TimeBounds,
): Outcome<ReadFrame[]> {
  const byTime = new Map<number, { values: FrameValue[]; series: SeriesKey[]; historical: boolean }>();
  for (const metric of payload.metrics) {
    const known = node.metric(device, metric.alias, metric.name);
    if (known === undefined) return bad('LS-INGEST-005', `${device}: alias ${metric.alias ?? metric.name ?? 'none'}`);
    const at = metric.time ?? payload.sentAt;
    const value = metric.value === null ? undefined : numberOf(metric, known.datatype);
    if (value?.ok !== true || at === undefined || timeFault(at, bounds) !== undefined) continue;
    const { quality, origin, historical } = metric;
    let frame = byTime.get(at);
    if (frame === undefined) byTime.set(at, (frame = { values: [], series: [], historical }));
    frame.values.push({ metric: known.name, value: value.value, quality, origin });
    frame.series.push(known.series);
  }
  const name = device === '' ? 'node' : device;
  return good(
    [...byTime].map(([time, { values, series, historical }]) => ({
      frame: { device: name, time, values },
      series,
      historical,
    })),
  );
}

export const pointsOf = (read: ReadFrame, offset: number): Point[] =>
  read.frame.values.map(({ value, quality, origin }, index) => ({
    series: read.series[index]!,
    time: read.frame.time,
    offset,
    value,
    quality,
    origin,
  }));

/** No grid quantity comes near this, and sums of any length stay finite. */
const MOST = Number.MAX_SAFE_INTEGER;

function numberOf(metric: DecodedMetric, datatype: number | undefined): Outcome<number> {
  const { value } = metric;
  if (typeof value === 'boolean') return good(value ? 1 : 0);
  if (typeof value !== 'number') return bad('LS-INGEST-002', 'text instead of a number');
  // A node that names types only at birth sends signed integers that look unsigned.
  const signed = metric.datatype === undefined ? signedValue(value, datatype) : value;
  return Math.abs(signed) <= MOST ? good(signed) : bad('LS-INGEST-002', String(signed));
}

const timeless: Fault = { code: 'LS-INGEST-003', detail: 'the frame has no source time' };

function timeFault(time: number | undefined, bounds: TimeBounds): Fault | undefined {
  if (time === undefined) return timeless;
  if (Number.isSafeInteger(time) && time >= bounds.earliest && time <= bounds.latest) return undefined;
  return {
    code: 'LS-INGEST-003',
    detail: `source time ${shown(time)} is not within ${shown(bounds.earliest)} to ${shown(bounds.latest)}`,
  };
}

const shown = (time: number): string =>
  Number.isFinite(time) && Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : String(time);
