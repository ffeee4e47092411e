import type { TestContext } from 'node:test';
import { SqliteStore } from '../sqlite-store.ts';
import type { Point, SeriesKey, TelemetryStore, WaitingRollups } from '../store.ts';

export const T0 = Date.UTC(2021, 8, 25);
export const MIN = 60_000;
export const HOUR = 60 * MIN;
export const DAY = 24 * HOUR;

export const keyOf = (n: number): SeriesKey => ({
  gateway: `owd-0${n % 2}`,
  device: `meter-${n}`,
  metric: 'activePowerKw',
});

/** A point determined by its series and time, so that a second write is identical. */
export function pointOf(n: number, time: number): Point {
  const second = Math.floor(time / 1000);
  const quality = second % 11 === 0 ? 'bad' : second % 7 === 0 ? 'uncertain' : 'good';
  const value = 1000 + n + 500 * Math.sin(second / 1200) + (second % 13);
  return { series: keyOf(n), time, offset: second % 100_000_000, value, quality, origin: 'measured' };
}

export const points = (
  n: number,
  { from, count, everyS = 60 }: { from: number; count: number; everyS?: number },
): Point[] => Array.from({ length: count }, (_, k) => pointOf(n, from + 1000 * k * everyS));

/** Rolls up everything that is due at this plant time; returns the number of pieces. */
export async function rollAll(store: TelemetryStore, now: number): Promise<number> {
  let pieces = 1;
  while ((await store.maintain!(now)) === true) pieces++;
  return pieces;
}

export const noneWaits: WaitingRollups = { series: 0, gateways: 0 };

/** A store for the duration of a test, as the reference for others. */
export async function sqliteOf(t: TestContext, points: readonly Point[] = []): Promise<SqliteStore> {
  const sqlite = new SqliteStore({ path: ':memory:' });
  await sqlite.open();
  t.after(() => sqlite.close());
  await sqlite.write(points);
  return sqlite;
}
