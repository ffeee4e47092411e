import { SeededRandom } from '../../shared/ports/random.ts';
import { loadProfiles, type LoadProfiles } from '../data/profiles.ts';
import { loadSeries, seriesCount, seriesStartMs, seriesStepMs, type SubstationSeries } from '../data/series.ts';
import type { MeterFault, PlantInputs, PlantSpec } from '../plant/spec.ts';
import { deviceSpecs } from './devices.ts';
import type { SubstationId } from '../data/names.ts';
import { buildSubstation } from './region.ts';
import { clearSkyWm2, sinElevation, tiltGain } from './sun.ts';

/** The scaled net power stays below `PEAK_KW` for this share of the time. */
const PEAK_QUANTILE = 0.999;
const PEAK_KW = 7200;
/** Mean of a feeder's loads over their nominal values. */
const LOAD_FACTOR = 0.42;
/** DC over AC of the PV plants, losses included. */
const DC_RATIO = 1.1;
const STANDARD_WM2 = 1000;

/** Faulty meters, as in the recorded data. */
export const meterFaults: Readonly<Partial<Record<SubstationId, Readonly<Record<string, MeterFault>>>>> = {
  wls: { transformer: 'dead' },
  hfdp: { transformer: 'reversed' },
};

/** The true plants of the region, or of a part of it, from the recorded series. Reads the shipped data. */
export function plantSpecs(ids?: readonly SubstationId[]): PlantSpec[] {
  const series = loadSeries();
  const shapes = loadShapes(loadProfiles());
  const chosen = series.filter(({ id }) => ids === undefined || ids.includes(id));
  return chosen.map((each) => {
    const { network, meters } = buildSubstation(each.id);
    return {
      id: each.id,
      network,
      devices: deviceSpecs(each.id),
      meters,
      meterFaults: meterFaults[each.id] ?? {},
      inputs: plantInputs(each, series, shapes),
      loadFactor: LOAD_FACTOR,
    };
  });
}

function plantInputs(
  series: SubstationSeries,
  all: readonly SubstationSeries[],
  shapes: readonly Float32Array[],
): PlantInputs {
  const net = trueNetKw(series, all);
  const radiation = filled(series.radiationWm2, nearest(series, all).radiationWm2);
  const times = Array.from({ length: seriesCount }, (_, at) => seriesStartMs + (at + 0.5) * seriesStepMs);
  const sines = times.map((time) => sinElevation(time, series.latitude, series.longitude));
  const sun = radiation.map((value, at) => Math.min(1, (value * tiltGain(sines[at]!) * DC_RATIO) / STANDARD_WM2));
  return {
    startMs: seriesStartMs,
    stepMs: seriesStepMs,
    count: seriesCount,
    netKw: scaled(filled(net)),
    gap: Uint8Array.from(series.netKw, (value) => (Number.isNaN(value) ? 1 : 0)),
    sun,
    sunSpread: radiation.map((value, at) => broken(value, clearSkyWm2(sines[at]!))),
    radiationWm2: series.radiationWm2,
    windSpeedMs: series.windSpeedMs,
    temperatureC: temperature(series.id, times),
    shapes,
  };
}

/**
 * Corrects the record: HFDP's meter is reversed; WLS's reads zero, so its load takes the shape of other substations and its own wind is
 * known.
 */
function trueNetKw(series: SubstationSeries, all: readonly SubstationSeries[]): Float64Array {
  if (series.id === 'hfdp') return series.netKw.map((value) => -value);
  if (series.id !== 'wls') return series.netKw;
  const models = all.filter(({ id }) => ['hal', 'owd', 'wwf'].includes(id));
  const loads = models.map((model) => {
    const load = model.netKw.map((value, at) => value - (model.solarKw?.[at] ?? 0) - (model.windKw?.[at] ?? 0));
    const mean = load.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : value), 0) / load.length;
    return load.map((value) => value / mean);
  });
  return series.netKw.map((_, at) => {
    const shape = loads.reduce((sum, load) => sum + load[at]!, 0) / loads.length;
    return WLS_LOAD_KW * shape + (series.windKw?.[at] ?? 0);
  });
}

/** Assumed mean load of WLS beside its wind plants of 9.7 MW. */
const WLS_LOAD_KW = 5500;

function scaled(net: Float64Array): Float64Array {
  const sorted = net.map(Math.abs).sort();
  const scale = PEAK_KW / sorted[Math.floor(sorted.length * PEAK_QUANTILE)]!;
  return net.map((value) => value * scale);
}

/** Interpolates gaps linearly; values of `other`, if given, take precedence. */
function filled(values: Float64Array, other?: Float64Array): Float64Array {
  const mended = values.map((value, at) => (Number.isNaN(value) ? (other?.[at] ?? NaN) : value));
  let last = -1;
  for (let at = 0; at <= mended.length; at++) {
    if (at < mended.length && Number.isNaN(mended[at])) continue;
    const from = last < 0 ? mended[at]! : mended[last]!;
    const to = at < mended.length ? mended[at]! : from;
    for (let gap = last + 1; gap < at; gap++) mended[gap] = from + ((to - from) * (gap - last)) / (at - last);
    last = at;
  }
  return mended;
}

function nearest(series: SubstationSeries, all: readonly SubstationSeries[]): SubstationSeries {
  const distance = (each: SubstationSeries): number =>
    Math.hypot(each.latitude - series.latitude, (each.longitude - series.longitude) * 0.6);
  return all.filter((each) => each !== series).sort((a, b) => distance(a) - distance(b))[0]!;
}

/** Spread of the sun's power within 15 min: largest when the sky is half covered. */
function broken(radiationWm2: number, clearWm2: number): number {
  if (clearWm2 < 30) return 0;
  const clearness = Math.min(1, radiationWm2 / clearWm2);
  return 1.4 * clearness * (1 - clearness);
}

/** A stated synthesis, not a record: autumn cools by 0.11 degrees a day, and each day swings by 4 degrees with its maximum at 15:00 UTC. */
function temperature(id: string, times: readonly number[]): Float64Array {
  const random = new SeededRandom(1, `${id}/temperature`);
  let weather = 0;
  return Float64Array.from(times, (time, at) => {
    weather = weather * 0.999 + 0.09 * (random.next() + random.next() + random.next() - 1.5);
    const days = at / 96;
    const hours = (time % 86_400_000) / 3_600_000;
    return 19.5 - 0.11 * days + 4 * Math.cos((2 * Math.PI * (hours - 15)) / 24) + weather;
  });
}

const SHAPES = 24;
/** Week offsets: the same weekday of another week represents another customer of the same kind. */
const WEEKS = [-3, -2, -1, 0, 1, 2, 3];
const COPIES = 4;
/** Wall time of the series: Dutch summer time throughout. */
const WALL_MS = 2 * 3_600_000;

/** Load shapes by calendar day: each a mix of SimBench profiles over several customers, with a mean near 1. */
function loadShapes({ startMs, stepMs, shapes }: LoadProfiles): Float32Array[] {
  const random = new SeededRandom(1, 'shapes');
  const names = Object.keys(shapes);
  // 2021 and 2016 began on a Friday: the same day of the year is the same weekday.
  const offset = (seriesStartMs + WALL_MS - Date.UTC(2021, 0, 1) + Date.UTC(2016, 0, 1) - startMs) / stepMs;
  const week = (7 * 86_400_000) / stepMs;
  return Array.from({ length: SHAPES }, () => {
    const parts = names.flatMap((name) =>
      Array.from({ length: COPIES }, () => ({
        shape: shapes[name]!,
        shift: WEEKS[Math.floor(random.next() * WEEKS.length)]! * week + Math.floor(random.next() * 3) - 1,
        weight: 0.2 + random.next(),
      })),
    );
    const total = parts.reduce((sum, { weight }) => sum + weight, 0);
    const mixed = Float32Array.from({ length: seriesCount }, (_, at) =>
      parts.reduce((sum, { shape, shift, weight }) => sum + (weight / total) * shape[offset + at + shift]!, 0),
    );
    const mean = mixed.reduce((sum, value) => sum + value, 0) / seriesCount;
    return mixed.map((value) => value / mean);
  });
}
