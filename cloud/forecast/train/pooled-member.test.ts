import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import { FeatureSource } from '../../../shared/forecast/features.ts';
import { HOURS, type HourFit } from './hour-member.ts';
import { hourLayout, trainPooled } from './pooled-member.ts';
import { trainRidge } from './ridge-member.ts';

const LOAD_KW = 500;
const OVER_KW = -30;
const schema = { steps: 24, stepS: 3600, weather: false };
const load = { start: Date.UTC(2021, 5, 1), stepS: 3600, values: new Float64Array(40 * 24).fill(LOAD_KW) };
const source = new FeatureSource(schema, load, new LocalCalendar('UTC'));
const ridge = trainRidge({ load, schema, zone: 'UTC', levels: [0.1, 0.5, 0.9] });
const width = source.originCount + source.stepCount + 3;

/** The same answer at any hour: the mean of the week plus this much. */
const hours: HourFit = {
  kind: 'hours',
  layout: hourLayout(source),
  leads: [1],
  mean: new Float32Array(width),
  scale: new Float32Array(width),
  matrix: new Float32Array(width * HOURS * 3),
  bias: new Float32Array(HOURS * 3).fill(OVER_KW),
};

test('the network learns the residual of the weekly mean, whatever the hourly member predicts', () => {
  const fit = trainPooled('mlp', source, { values: load.values, end: load.values.length, ridge, hours });
  assert.ok(fit.kind === 'mlp');
  assert.ok(Math.abs(fit.fitted.targetMean) < 1e-2, `${fit.fitted.targetMean}`);
});

test('trees learn the residual of the hourly median, or of the linear member without it', () => {
  const known = { values: load.values, end: load.values.length, ridge };
  for (const [begun, left] of [
    [{ ...known, hours }, -OVER_KW],
    [known, 0],
  ] as const) {
    const fit = trainPooled('boosting', source, begun);
    assert.ok(fit.kind === 'boosting');
    for (const { first } of fit.models) assert.ok(Math.abs(first - left) < 1e-2, `${first}`);
  }
});
