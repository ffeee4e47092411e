import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DocumentReport } from '../../../../shared/contracts/report.ts';
import type { ForecastAnswer } from '../../../../shared/contracts/planner.ts';
import {
  backlogGrows,
  bounds,
  drainedInS,
  drawnTarget,
  plannedText,
  span,
  stepAt,
  targetsOf,
  planProgress,
} from './plan-steps.ts';
import { align, errorSoFar, peakOf, quantileSteps } from './series.ts';

const T = Date.parse('2021-09-25T00:00:00Z');
const QUARTER = 900_000;

const forecast: ForecastAnswer = {
  id: 'fc_1',
  kind: 'issued',
  target: 'substation:owd',
  load: 'uncontrolled',
  issuedAt: '2021-09-25T00:00:00Z',
  dataUpTo: '2021-09-25T00:00:00Z',
  start: '2021-09-25T00:00:00Z',
  resolution: 'PT15M',
  unit: 'kW',
  signConvention: 'consumption-positive',
  values: { quantile_P10: [90, 90, 90], quantile_P50: [100, 110, 120], quantile_P90: [130, 130, 130] },
  mean: [101, 111, 121],
  reconciled: null,
  components: null,
  limits: { importKw: 1000, exportKw: 100 },
  probabilityAboveImport: null,
  probabilityAboveExport: null,
  peak: null,
  model: { id: 'm', sha256: null, members: {}, weights: null },
  extension: null,
  weather: null,
  weatherKind: 'none',
  inputCompleteness: 1,
  fallback: null,
  calibration: null,
  warnings: [],
};

test('series share one axis; missing values are gaps, never zero', () => {
  const measured = { start: T - QUARTER, stepMs: QUARTER, values: [5, null, 7] };
  const { times, columns } = align([quantileSteps(forecast, 'P50'), measured, quantileSteps(forecast, 'P5')]);
  assert.deepEqual(
    times.map((time) => (time - T) / QUARTER),
    [-1, 0, 1, 2],
  );
  assert.deepEqual(columns, [
    [null, 100, 110, 120],
    [5, null, 7, null],
    [null, null, null, null],
  ]);
  assert.deepEqual(align([{ start: T, stepMs: QUARTER, values: [] }]), { times: [], columns: [[]] });
});

test('the forecast error counts only measured steps', () => {
  const measured = { start: T, stepMs: QUARTER, values: [110, null, 150] };
  assert.deepEqual(errorSoFar(forecast, measured), { steps: 2, maeKw: 20, biasKw: -20, inBand: 0.5 });
  assert.equal(errorSoFar(forecast, { ...measured, values: [] }), null);
});

test('the peak is the value closest to its limit, on either side', () => {
  const steps = { start: T, stepMs: QUARTER, values: [600, -90, null] };
  assert.deepEqual(peakOf(steps, forecast.limits), { kw: -90, at: T + QUARTER, share: 0.9 });
  assert.equal(peakOf({ ...steps, values: [null] }, forecast.limits), null);
  assert.equal(peakOf(steps, null), null);
});

test('plan steps get longer, and a reason covers its steps', () => {
  const horizon = { start: T, stepsS: [300, 300, 900] };
  assert.deepEqual(
    bounds(horizon).map((time) => (time - T) / 1000),
    [0, 300, 600, 1500],
  );
  const cases: [number, number][] = [
    [-1, -1],
    [0, 0],
    [299, 0],
    [300, 1],
    [1499, 2],
    [1500, -1],
  ];
  for (const [seconds, step] of cases) assert.equal(stepAt(horizon, T + seconds * 1000), step, `${seconds} s`);
  assert.deepEqual(span(horizon, { fromStep: 1, toStep: 2 }), { from: T + 300_000, to: T + 1_500_000 });
  assert.deepEqual(
    targetsOf({ device: 'pv-1', activePowerLimitKw: [1], reactivePowerKvar: [2], reasons: [] }).map(({ unit }) => unit),
    ['kW', 'kvar'],
  );
});

test('the progress of a plan shows done and open stages and where it ended', () => {
  const report = (stage: DocumentReport['stage'], time: number, id = 'p1'): DocumentReport => ({
    version: 1,
    type: 'plan',
    id,
    epoch: 1,
    sequence: 1,
    stage,
    time,
  });
  const shown = (stages: DocumentReport[]): string[] =>
    planProgress(stages, { id: 'p1' }).map(({ stage, state }) => `${stage} ${state}`);
  assert.deepEqual(shown([report('accepted', 2), report('received', 1), report('verified', 3, 'p0')]), [
    'received done',
    'accepted done',
    'applied open',
    'verified open',
  ]);
  assert.deepEqual(shown([report('applied', 3), report('accepted', 2)]), [
    'accepted done',
    'applied done',
    'verified open',
  ]);
  assert.deepEqual(shown([]), ['received open', 'accepted open', 'applied open', 'verified open']);
  assert.deepEqual(shown([report('received', 1), report('rejected', 2)]), ['received done', 'rejected bad']);
});

test('a backlog estimates its end only while it shrinks', () => {
  assert.equal(
    drainedInS([
      { at: 0, frames: 300 },
      { at: 10_000, frames: 200 },
    ]),
    20,
  );
  assert.equal(
    drainedInS([
      { at: 0, frames: 100 },
      { at: 10_000, frames: 200 },
    ]),
    null,
  );
  assert.equal(drainedInS([{ at: 0, frames: 0 }]), 0);
  assert.equal(drainedInS([]), null);
  const grows = (...frames: number[]): boolean => backlogGrows(frames.map((each, at) => ({ at, frames: each })));
  assert.equal(grows(10, 14, 22, 30), true);
  assert.equal(grows(20, 22, 19, 21), false, 'what is on its way comes and goes');
  assert.equal(grows(30, 20, 10, 0), false);
  assert.equal(grows(30), false);
});

test('a planned limit has the sign of the power at its device: feed-in is negative', () => {
  const [limit] = targetsOf({ device: 'pv-1', activePowerLimitKw: [1110], reasons: [] });
  assert.equal(plannedText(limit!, 0, 'pv-inverter'), 'not below \u22121110 kW');
  assert.equal(plannedText(limit!, 0, 'ev-site'), 'at most 1110 kW');
  assert.equal(plannedText(limit!, 1, 'pv-inverter'), 'free');
  assert.equal(drawnTarget(limit, 'ev-site'), limit);
  const drawn = drawnTarget(
    targetsOf({ device: 'roof-1', activePowerLimitKw: [1110, null], reasons: [] })[0],
    'pv-inverter',
  );
  assert.deepEqual([drawn!.label, drawn!.values], ['limit on feed-in', [-1110, null]]);
});
