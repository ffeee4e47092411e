import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Forecast } from '../../shared/contracts/forecast.ts';
import { indexOfLevel, pinball } from '../../shared/forecast/quantiles.ts';
import { readForecastSeries, seriesFolder } from './forecast-data.ts';
import { replay, type RecordedPlace } from './forecast-live.ts';

const QUARTER_MS = 900_000;
const DAY_MS = 86_400_000;
const TRAIN_DAYS = 182;
const LIVE_DAYS = 14;
/** Start within the series, so that the live days fall in winter. */
const FIRST = Date.UTC(2018, 7, 1);

test('the live service forecasts a winter load better with the temperature', async (context) => {
  if (seriesFolder() === undefined) {
    context.skip('the reference series are missing: put them in ../shared/data/load beside this clone');
    return;
  }
  const { data, zone } = readForecastSeries('stentaway_demand');
  const count = (TRAIN_DAYS + LIVE_DAYS + 2) * 96;
  // Hourly means, each held for its hour, in kW.
  const held = (values: Float64Array, scale = 1): Float64Array =>
    Float64Array.from(
      { length: count },
      (_, i) => scale * (values[Math.floor((FIRST + i * QUARTER_MS - data.start) / 3_600_000)] ?? Number.NaN),
    );
  const column = (name: string): Float64Array => held(data.weather.find((each) => each.name === name)!.values);
  const bare: RecordedPlace = {
    id: 'stentaway',
    loadKw: held(data.load, 1000),
    ghi: column('ghi'),
    wind: new Float64Array(count),
  };
  const trainAtMs = FIRST + TRAIN_DAYS * DAY_MS;
  const endMs = trainAtMs + LIVE_DAYS * DAY_MS;
  const lossOf = async (place: RecordedPlace): Promise<number> => {
    const window = { startMs: FIRST, trainAtMs, endMs, zone };
    const options = { ...window, weather: 'actual', members: ['ridge'], say: () => undefined } as const;
    const { forecasts } = await replay([place], options);
    return meanLoss(forecasts.get('substation:stentaway')!, (time) => place.loadKw[(time - FIRST) / QUARTER_MS]!);
  };
  const [without, withIt] = [await lossOf(bare), await lossOf({ ...bare, temperature: column('temp') })];
  context.diagnostic(`mean pinball of P10, P50, P90: ${without.toFixed(2)} kW without, ${withIt.toFixed(2)} kW with`);
  assert.ok(withIt < 0.97 * without, `${withIt} kW with the temperature, ${without} kW without`);
});

function meanLoss(forecasts: readonly Forecast[], actual: (time: number) => number): number {
  let [sum, n] = [0, 0];
  for (const { start, quantiles, values } of forecasts)
    for (const level of [0.1, 0.5, 0.9])
      for (const [step, said] of values[indexOfLevel(quantiles, level)]!.entries()) {
        const came = actual(start + step * QUARTER_MS);
        if (Number.isNaN(came)) continue;
        sum += pinball(level, came, said);
        n++;
      }
  return sum / n;
}
