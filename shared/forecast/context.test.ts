import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { COVARIATES, type Covariate } from '../contracts/covariates.ts';
import { MOST_CONTEXT } from '../contracts/model.ts';
import { LocalCalendar } from './calendar.ts';
import { CONTEXT_VERSION, contextColumns, ContextSource, contextWidth, weatherCovariates } from './context.ts';
import { suffices } from './model-input.ts';
import { QUANTILES } from './quantiles.ts';

const START = Date.UTC(2021, 8, 24);
const COUNT = 12 * 96;
const STEPS = 8;
const LENGTH = 10 * 96;
const counted = (factor: number, extra = 0): Float64Array =>
  Float64Array.from({ length: COUNT + extra }, (_, i) => factor * i);
const load = { start: START, stepS: 900, values: counted(1) };
const weather = { ghi: counted(2, STEPS), wind: counted(3, STEPS), temperature: counted(4, STEPS) };
const calendar = new LocalCalendar('Europe/Amsterdam', ['2021-10-06']);
const sourceOf = (covariates: Covariate[], length = LENGTH): ContextSource =>
  new ContextSource({ steps: STEPS, stepS: 900, context: { length, covariates } }, load, calendar, weather);
const all = [...COVARIATES];
const valueOf = (row: Float32Array, name: string): number => {
  const at = contextColumns({ steps: STEPS, stepS: 900, context: { length: LENGTH, covariates: all } }).indexOf(name);
  assert.ok(at >= 0, name);
  return row[at]!;
};

test('a row is the raw history, then step by step the covariates of history and horizon', () => {
  const source = sourceOf(all);
  const row = source.row(COUNT);
  assert.equal(row.length, contextWidth(source.schema));
  assert.deepEqual([valueOf(row, 'load@-1'), valueOf(row, `load@-${LENGTH}`)], [COUNT - 1, COUNT - LENGTH]);
  assert.deepEqual([valueOf(row, 'ghi@1'), valueOf(row, 'wind@-1')], [2 * COUNT, 3 * (COUNT - 1)]);
  assert.equal(valueOf(row, `temperature@${STEPS}`), 4 * (COUNT + STEPS - 1));
  // The horizon begins at midnight UTC of 6 October, a holiday: two hours after local midnight.
  const angle = (2 * Math.PI * 2) / 24;
  for (const [name, value] of [
    ['sin1', Math.sin(angle)],
    ['cos1', Math.cos(angle)],
    ['sin2', Math.sin(2 * angle)],
    ['cos2', Math.cos(2 * angle)],
    ['free', 1],
  ] as const)
    assert.ok(Math.abs(valueOf(row, `${name}@1`) - value) < 1e-6, name);
  assert.deepEqual([valueOf(row, 'free@-9'), valueOf(row, 'free@-8')], [0, 1], 'Tuesday ends at local midnight');
  assert.deepEqual([...sourceOf([], 16).row(COUNT)], [...load.values.subarray(COUNT - 16)]);
});

test('unknown values are NaN, and no load at or after the origin is read', () => {
  const gappy = { ...load, values: load.values.slice() };
  gappy.values.fill(Number.NaN, 500, 510);
  const schema = { steps: STEPS, stepS: 900, context: { length: LENGTH, covariates: [] } };
  const row = new ContextSource(schema, gappy, calendar).row(900);
  assert.deepEqual(
    [...row.entries()].filter(([, value]) => Number.isNaN(value)).map(([i]) => i),
    [...Array.from({ length: LENGTH - 900 }, (_, i) => i), ...Array.from({ length: 10 }, (_, i) => LENGTH - 400 + i)],
  );
  const later = { ...gappy, values: gappy.values.slice().fill(1e6, 900) };
  assert.deepEqual(new ContextSource(schema, later, calendar).row(900), row);
});

test('weather of the history covers nine days, as read at each issue', () => {
  const row = sourceOf(all).row(COUNT);
  assert.deepEqual([valueOf(row, 'ghi@-865'), valueOf(row, 'ghi@-864')], [Number.NaN, 2 * (COUNT - 864)]);
  assert.ok(!Number.isNaN(valueOf(row, 'sin1@-865')));
});

test('a model that needs weather gets no row without it', () => {
  const schema = { steps: STEPS, stepS: 900, context: { length: 16, covariates: ['wind' as const] } };
  assert.throws(() => new ContextSource(schema, load, calendar), RangeError);
  assert.deepEqual([suffices(schema, null), suffices(schema, weather)], [false, true]);
  const warm = { ...schema, context: { length: 16, covariates: ['temperature' as const] } };
  const { temperature: _temperature, ...cold } = weather;
  assert.deepEqual([suffices(warm, cold), suffices(warm, weather)], [false, true]);
  assert.deepEqual(suffices({ ...schema, context: { length: 16, covariates: ['sin1'] } }, null), true);
});

test('the contract names every covariate in order, the limits and the quantiles', () => {
  const text = readFileSync(new URL('./CONTEXT.md', import.meta.url), 'utf8');
  assert.match(text, new RegExp(`^# Raw history, version ${CONTEXT_VERSION}\n`));
  const rows = [...text.matchAll(/^\| `(\w+)` +\| [^|]+ \| (yes|no) +\|/gm)].map(([, name, isWeather]) => [
    name,
    isWeather,
  ]);
  const asked = weatherCovariates({ length: 16, covariates: all });
  assert.deepEqual(
    rows,
    COVARIATES.map((name) => [name, asked.some((each) => each === name) ? 'yes' : 'no']),
  );
  assert.ok(text.includes(`at most ${MOST_CONTEXT} steps`) && text.includes('864 at a gateway'));
  assert.ok(text.includes(`${QUANTILES.length} quantiles`));
});
