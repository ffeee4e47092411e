import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { spreadSpan } from '../../forecast/serve/load-spread.ts';
import { PredictionBook } from './predictions.ts';
import { scoreBacktest } from './score-backtest.ts';

const DAY_MS = 86_400_000;
const STEP_MS = 3_600_000;
const T0 = Date.UTC(2021, 8, 1);
/** Its daily swing grows from week to week. */
const loadAt = (time: number): number =>
  2000 + ((time - T0) / DAY_MS + 200) * Math.sin((2 * Math.PI * (time % DAY_MS)) / DAY_MS);

/** Scores of one forecast over the days [from, to) after T0. */
function row(from: number, to: number) {
  const [start, end] = [T0 + from * DAY_MS, T0 + to * DAY_MS];
  const made = {
    issuedAt: T0,
    start: T0,
    stepMs: STEP_MS,
    values: QUANTILES.map((level) => Array.from({ length: 40 * 24 }, () => 2000 + 100 * (level - 0.5))),
    isFallbackAt: () => false,
    weatherAt: () => 'none' as const,
  };
  const book = new PredictionBook(['m'], { from: start, to: end, resolutionMs: STEP_MS });
  book.add(0, made);
  const loadOf = (span: { readonly start: number; readonly end: number }) => ({
    start: span.start,
    stepMs: STEP_MS,
    values: Float64Array.from({ length: (span.end - span.start) / STEP_MS }, (_, i) =>
      loadAt(span.start + i * STEP_MS),
    ),
  });
  const { rows } = scoreBacktest({
    target: 'substation:owd',
    predictions: book.all(),
    load: loadOf({ start, end }),
    history: loadOf(spreadSpan({ start, end })),
    zone: 'UTC',
    importLimitKw: null,
    excluded: { badQuality: 0, outage: 0, missing: 0 },
    seed: 1,
  });
  return rows.find(({ leadTime }) => leadTime === null)!;
}

test('rMAE and rCRPS of a backtest depend only on the steps that are scored, not on its span', () => {
  const parts = [row(0, 10), row(10, 40)];
  const whole = row(0, 40);
  assert.equal(whole.n, 40 * 24);
  for (const name of ['rMae', 'rCrps'] as const) {
    const mean = parts.reduce((sum, part) => sum + part.n * part[name], 0) / whole.n;
    assert.ok(Math.abs(whole[name] - mean) < 1.1e-4, `${name} ${whole[name]} ${mean}`);
  }
});

test('the daily peaks of a backtest are those of its forecasts, not the highest of several', () => {
  const [start, end] = [T0 + DAY_MS, T0 + 5 * DAY_MS];
  const book = new PredictionBook(['m'], { from: start, to: end, resolutionMs: STEP_MS });
  // Of two forecasts of each step, the older has a peak of twice the load.
  for (let day = 0; day < 5; day++)
    book.add(0, {
      issuedAt: T0 + day * DAY_MS,
      start: T0 + day * DAY_MS,
      stepMs: STEP_MS,
      values: QUANTILES.map(() =>
        Array.from({ length: 48 }, (_, step) => (step < 24 ? 1 : 2) * loadAt(T0 + day * DAY_MS + step * STEP_MS)),
      ),
      isFallbackAt: () => false,
      weatherAt: () => 'none',
    });
  const load = {
    start,
    stepMs: STEP_MS,
    values: Float64Array.from({ length: 4 * 24 }, (_, i) => loadAt(start + i * STEP_MS)),
  };
  const { rows } = scoreBacktest({
    target: 'substation:owd',
    predictions: book.all(),
    load,
    zone: 'UTC',
    importLimitKw: null,
    excluded: { badQuality: 0, outage: 0, missing: 0 },
    seed: 1,
  });
  const pooled = rows.find(({ leadTime }) => leadTime === null)!;
  assert.equal(pooled.n, 2 * 4 * 24);
  assert.equal(pooled.peak.dailyPeakErrorPct, 50);
});
