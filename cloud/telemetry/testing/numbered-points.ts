import type { Point } from '../store.ts';

/** The series of `numberedPoints`: points a millisecond apart, whose values and offsets count up from `from`. */
export const numberedSeries = { gateway: 'owd-01', device: 'feeder-1', metric: 'activePowerKw' } as const;

export const numberedPoints = (from: number, count: number): Point[] =>
  Array.from({ length: count }, (_, n) => ({
    series: numberedSeries,
    time: 1_632_528_000_000 + from + n,
    offset: from + n,
    value: n,
    quality: 'good',
    origin: 'measured',
  }));
