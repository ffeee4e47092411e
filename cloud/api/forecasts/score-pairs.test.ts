import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Forecast } from '../../../shared/contracts/forecast.ts';
import { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import { QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { opened } from '../testing/api-fixture.ts';
import { SqliteForecastStore } from '../../forecast/serve/sqlite-forecast-store.ts';
import { forecastPairs, LEAD_CLASSES, LOOK_BACK_MS, STEP_MS } from './score-pairs.ts';

const T0 = Date.UTC(2021, 8, 25);
const external: Forecast = {
  id: 'ext',
  kind: 'external',
  target: 'substation:owd',
  load: 'uncontrolled',
  issuedAt: T0,
  dataUpTo: T0,
  start: T0,
  resolutionS: 900,
  quantiles: [0.5],
  values: [[500]],
  model: { id: 'external:other', sha256: null, members: {} },
  weather: null,
  inputCompleteness: 1,
  fallback: null,
  calibration: null,
  warnings: [],
};

test('an external forecast with its own nineteen levels is scored at our levels', async () => {
  const vintages = opened(new SqliteForecastStore(':memory:'));
  // 1 to 10 % in steps of one, the median, and 91 to 98 % in steps of one.
  const levels = [
    ...Array.from({ length: 10 }, (_, i) => (i + 1) / 100),
    0.5,
    ...Array.from({ length: 8 }, (_, i) => (91 + i) / 100),
  ];
  assert.equal(levels.length, QUANTILES.length);
  const forecast: Forecast = {
    ...external,
    quantiles: levels,
    values: levels.map((level) => Array.from({ length: 4 }, () => 1000 * level)),
  };
  await vintages.put([forecast]);
  const [group] = await forecastPairs({ vintages }, spanOf(4), LEAD_CLASSES[0]!);
  const values = group!.pairs.get(T0)!.values.map((value) => Math.round(value));
  assert.deepEqual(
    values,
    QUANTILES.map((level) => Math.round(1000 * level)),
  );
});

/** A load of 500 kW over this many steps from T0. */
const spanOf = (steps: number) => ({
  target: 'substation:owd',
  start: T0,
  end: T0 + steps * STEP_MS,
  load: new Float64Array(LOOK_BACK_MS / STEP_MS + steps).fill(500),
  zone: new LocalCalendar('UTC'),
});

test('an hourly external forecast is scored as constant within the hour, and one of the net load is not scored', async () => {
  const vintages = opened(new SqliteForecastStore(':memory:'));
  const hourly: Forecast = { ...external, resolutionS: 3600, values: [[400, 600]] };
  const net: Forecast = {
    ...hourly,
    id: 'ext-net',
    load: 'net',
    resolutionS: 900,
    model: { ...hourly.model, id: 'external:net' },
  };
  await vintages.put([hourly, net]);
  const groups = await forecastPairs({ vintages }, spanOf(8), LEAD_CLASSES[0]!);
  assert.deepEqual(
    groups.map(({ model, pairs }) => [model, [...pairs.values()].map(({ values }) => values[0])]),
    [['external:other', [400, 400, 400, 400, 600]]],
  );
});
