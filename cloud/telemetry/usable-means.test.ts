import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gridOf } from './hold.ts';
import type { Interval, SeriesKey, TelemetryStore } from './store.ts';
import { readMeans } from './usable-means.ts';

const YEAR_MS = 365 * 86_400_000;

test('long histories are read few series at a time, short ones together', async () => {
  const asked: number[] = [];
  const store = {
    intervals: async (query: { series: readonly SeriesKey[]; start: number; end: number; resolutionS: number }) => {
      asked.push(query.series.length);
      const { start, stepMs, count } = gridOf(query);
      return query.series.map(({ device }) =>
        Array.from({ length: count }, (_, k): Interval => {
          const value = Number(device);
          return { start: start + k * stepMs, mean: value, min: value, max: value, coverage: 1, quality: 'good' };
        }),
      );
    },
  } as unknown as TelemetryStore;
  const series = Array.from({ length: 5 }, (_, n) => ({ gateway: 'owd-01', device: String(n), metric: 'soc' }));
  const read = async (end: number): Promise<number[]> => {
    const means = await readMeans(store, { series, start: 0, end, resolutionS: 900, leastCoverage: 0.5 });
    return means.map((each) => each[0]!);
  };
  for (const [end, expected] of [
    [YEAR_MS, [1, 1, 1, 1, 1]],
    [YEAR_MS / 2, [2, 2, 1]],
    [YEAR_MS / 52, [5]],
  ] as const) {
    asked.length = 0;
    assert.deepEqual([await read(end), asked], [[0, 1, 2, 3, 4], expected]);
  }
});
