import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { InfluxStore } from '../../cloud/telemetry/influx-store.ts';
import type { Point, SeriesKey, TelemetryStore } from '../../cloud/telemetry/store.ts';
import { Trends } from '../../cloud/telemetry/trend.ts';
import { WorkerStore } from '../../cloud/telemetry/worker-store.ts';
import { startInflux } from '../testing/debian.ts';
import { quantileOfSorted } from '../../shared/forecast/quantiles.ts';
import { threeDigits } from './digits.ts';
import type { BenchOptions } from './options.ts';

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 0, 1);
const DAYS = 31;
const EVERY_S = 10;
/** Series that a screen shows at once, of those that a substation has. */
const SHOWN = 4;
const SERIES = 12;
const POINTS = 400;
const SPANS = { hour: 3_600_000, day: DAY_MS, month: DAYS * DAY_MS } as const;

const keyOf = (at: number): SeriesKey => ({ gateway: 'owd-01', device: `meter-${at}`, metric: 'activePowerKw' });

/**
 * A month of meters that report every 10 s, in the product's stores: query time for a trend of one and of four series over an hour, a day
 * and the month. The baseline reads every sample of one series of the month and averages in the caller.
 */
export async function run({ say, quick }: BenchOptions): Promise<Record<string, unknown>> {
  const dir = mkdtempSync(join(tmpdir(), 'loadstone-bench-'));
  say('starting InfluxDB');
  const influx = await startInflux({ dir: join(dir, 'influx') });
  const series = quick ? SHOWN : SERIES;
  try {
    const stores: readonly [string, TelemetryStore][] = [
      ['sqlite', new WorkerStore({ path: join(dir, 'telemetry.sqlite') })],
      ['influxdb', new InfluxStore({ url: influx.url, database: 'trends', create: true })],
    ];
    const found: Record<string, unknown> = {};
    for (const [name, store] of stores) {
      await store.open();
      say(`${name}: ${DAYS} days of ${series} series`);
      await fill(store, series, (day) => say(`${name}: day ${day}`));
      found[name] = await measured(store, quick ? 3 : 15);
      say(`${name}: ${JSON.stringify(found[name])}`);
      await store.close();
    }
    return {
      ...found,
      samples: (series * DAYS * DAY_MS) / (1000 * EVERY_S),
      points: POINTS,
      targets: { monthOf1Ms: 1000, monthOf4Ms: 1000 },
    };
  } finally {
    await influx.kill();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function fill(store: TelemetryStore, series: number, onDay: (day: number) => void): Promise<void> {
  for (let day = 0; day < DAYS; day++) {
    for (let at = 0; at < series; at++) await store.write(dayOf(keyOf(at), day));
    await store.maintain?.(START + (day + 1) * DAY_MS);
    if (day % 10 === 9) onDay(day + 1);
  }
  for (let pieces = 0; pieces < 2 * series; pieces++)
    while ((await store.maintain?.(START + DAYS * DAY_MS + 3_600_000)) === true);
}

function dayOf(key: SeriesKey, day: number): Point[] {
  const each = DAY_MS / (1000 * EVERY_S);
  return Array.from({ length: each }, (_, n) => {
    const offset = day * each + n;
    const value = 1000 + 400 * Math.sin(offset / 500) + (offset % 7);
    return { series: key, time: START + 1000 * EVERY_S * offset, offset, value, quality: 'good', origin: 'measured' };
  });
}

async function measured(store: TelemetryStore, times: number): Promise<Record<string, number>> {
  const end = START + DAYS * DAY_MS;
  const figures: Record<string, number> = {};
  for (const shown of [1, SHOWN])
    for (const [name, spanMs] of Object.entries(SPANS)) {
      const ms = await msOf(store, { shown, start: end - spanMs, end, times });
      figures[`${name}Of${shown}Ms`] = threeDigits(quantileOfSorted(ms, 0.5));
      figures[`${name}Of${shown}MsMost`] = threeDigits(ms.at(-1)!);
    }
  const from = performance.now();
  const [samples = []] = await store.read({ series: [keyOf(0)], start: START, end });
  const sum = samples.reduce((all, { value }) => all + value, 0);
  if (!Number.isFinite(sum / samples.length)) throw new Error('the store has lost its samples');
  return { ...figures, everySampleOf1Ms: threeDigits(performance.now() - from) };
}

/** Sorted ascending. */
async function msOf(
  store: TelemetryStore,
  asked: { readonly shown: number; readonly start: number; readonly end: number; readonly times: number },
): Promise<number[]> {
  const trends = new Trends(store, () => []);
  const series = Array.from({ length: asked.shown }, (_, at) => keyOf(at));
  const ms: number[] = [];
  for (let time = 0; time < asked.times; time++) {
    const from = performance.now();
    await trends.of({ series, start: asked.start, end: asked.end, most: POINTS });
    ms.push(performance.now() - from);
  }
  return ms.toSorted((a, b) => a - b);
}
