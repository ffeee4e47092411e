import { compileEstimate } from '../estimate.ts';
import type { MeterFinding } from '../state.ts';
import { findingsOf, startWatch, watch, WINDOW_MS, type Watch } from '../watch.ts';
import { drawTruth, testSubstation, type Truth } from './substation.ts';

type Readings = Truth['readings'];

export const start = Date.parse('2021-09-25T00:00:00Z');
export const substation = testSubstation();
export const model = compileEstimate(substation);
export const powers = ['activePowerKw', 'reactivePowerKvar'];

/** Watches one set of readings an hour, each of a newly drawn state; `known` was found before. */
export function watchHours(
  hours: number,
  readingsOf: (seed: number, time: number) => Readings,
  known?: readonly MeterFinding[],
): Watch {
  let state = startWatch(start, known);
  for (let hour = 1; hour <= hours; hour++) {
    const time = start + hour * WINDOW_MS;
    state = watch(model, state, { time, readings: readingsOf(hour, time), known: [] });
  }
  return state;
}

export const right = (seed: number, time: number): Readings => drawTruth(substation, seed, time).readings;

export function spoilt(device: string, metrics: readonly string[], spoil: (value: number) => number) {
  return (seed: number, time: number): Readings => {
    const readings = right(seed, time);
    const meter = readings.get(device)!;
    for (const metric of metrics) meter[metric] = { ...meter[metric]!, value: spoil(meter[metric]!.value) };
    return readings;
  };
}

/** Faulty meters and the finding expected of each. */
export const wrong = [
  { readings: spoilt('feeder-2', powers, (value) => -value), found: ['feeder-2', 'reversed', 'power'] },
  { readings: spoilt('feeder-1', powers, (value) => value / 2), found: ['feeder-1', 'gross-error', 'power'] },
  { readings: spoilt('pv-2', ['voltagePu'], (value) => value + 0.04), found: ['pv-2', 'gross-error', 'voltage'] },
] as const;

export const kinds = (watched: Watch): unknown[] =>
  findingsOf(watched).map(({ device, finding, channel }) => [device, finding, channel]);
