import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import { ContextSource } from '../../../shared/forecast/context.ts';
import { featureNames, manifestFeatures, type FeatureSchema } from '../../../shared/forecast/features.ts';
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

test('a model whose weather ends too soon has no row; a short end is filled from the day before', async () => {
  const next = 60 * 96 + 48;
  const first = next - 9 * 96;
  const load = { start: halLoad.start + first * 900_000, stepS: 900, values: halLoad.values.slice(first, next) };
  const known = { source: 'feed', issuedAt: load.start, hindcast: false };
  const endingAt = (steps: number, values: Float64Array): Float64Array =>
    values.slice(first, next + STEPS).fill(Number.NaN, 9 * 96 + steps);
  const rowOf = (asked: FeatureSchema, steps: number): Float32Array | undefined => {
    const model = {
      ...asked,
      featureVersion: 1,
      features: manifestFeatures(asked),
      weather: asked.weather ? ('hindcast' as const) : ('none' as const),
    };
    const weather = { ...known, ghi: endingAt(steps, halWeather.ghi), wind: endingAt(steps, halWeather.wind) };
    return rowsFor(model, { load, context: load, weather }, calendar)?.row(load.values.length);
  };
  const sunny: FeatureSchema = { version: 1, steps: STEPS, stepS: 900, weather: true };
  for (const steps of [-5 * 96, 0, 23]) assert.equal(rowOf(sunny, steps), undefined, `${steps} steps ahead`);
  assert.ok(rowOf({ ...sunny, weather: false }, -5 * 96), 'without weather');
  const [row, names] = [rowOf(sunny, STEPS - 8)!, featureNames(sunny)];
  const at = (name: string): number => row[names.indexOf(name)]!;
  assert.ok(at(`ghi@${STEPS}`) > 0 && at(`ghi@${STEPS}`) === at(`ghi@${STEPS - 96}`));
});
