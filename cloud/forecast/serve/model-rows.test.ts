import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import { ContextSource } from '../../../shared/forecast/context.ts';
import { halLoad, halWeather } from '../registry/import/testing/import-rig.ts';
import { CONTEXT } from '../registry/import/testing/patch-transformer.ts';
import { rowsFor } from './model-rows.ts';
import { InputReader } from './target-inputs.ts';

const STEPS = 192;
const calendar = new LocalCalendar('Europe/Amsterdam');

test('a raw-history model gets the same rows at issue as in its evaluation', async () => {
  const next = 60 * 96 + 17;
  const end = halLoad.start + next * 900_000;
  const within = (values: Float64Array, start: number, until: number): (number | null)[] =>
    Array.from(values.subarray((start - halLoad.start) / 900_000, (until - halLoad.start) / 900_000), (value) =>
      Number.isNaN(value) ? null : value,
    );
  const reader = new InputReader(
    {
      intervals: async ({ start, end: until }) => ({
        values: within(halLoad.values, start, until),
        substitution: null,
      }),
    },
    {
      intervals: async ({ start, end: until }) => ({
        ghi: within(halWeather.ghi, start, until),
        wind: within(halWeather.wind, start, until),
        source: 'recorded',
        issuedAt: end,
        hindcast: true,
      }),
    },
    [{ id: 'substation:hal', zone: 'Europe/Amsterdam' }],
  );
  // Twenty days, further back than features reach.
  const context = { length: 20 * 96, covariates: CONTEXT.covariates };
  const model = { featureVersion: 1, features: [], context, steps: STEPS, stepS: 900, weather: 'hindcast' as const };
  // The second read is the usual one and brings only nine days of weather.
  for (let turn = 0; turn < 2; turn++) {
    const inputs = await reader.read('substation:hal', { end, days: 9, ahead: STEPS });
    const row = rowsFor(model, inputs, calendar)!.row(inputs.load.values.length);
    const whole = new ContextSource({ steps: STEPS, stepS: 900, context }, { ...inputs.context }, calendar, {
      ghi: halWeather.ghi.slice(next - inputs.context.values.length),
      wind: halWeather.wind.slice(next - inputs.context.values.length),
    });
    assert.deepEqual(row, whole.row(inputs.context.values.length));
    assert.ok(row.subarray(0, context.length).some((value) => !Number.isNaN(value)));
  }
  const inputs = await reader.read('substation:hal', { end, days: 9, ahead: STEPS });
  assert.equal(rowsFor(model, { ...inputs, weather: null }, calendar), undefined, 'no weather, no row');
});
