import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FIRST, heldBackOf, LEAST_WIDE_DAYS, RECIPE, schemaFor, within } from './recipe.ts';

const DAYS = LEAST_WIDE_DAYS + 6;
const known = (value: number, share = 1): Float64Array =>
  Float64Array.from({ length: DAYS * 96 }, (_, i) => (i < share * DAYS * 96 ? value : Number.NaN));
const horizon = { steps: 192, stepS: 900 };
const sunny = { ghi: known(100), wind: known(5) };
const end = DAYS * 96;

test('a model uses weather that is known for over half of its history', () => {
  const warm = { ...sunny, temperature: known(10) };
  const of = (weather: typeof sunny | null): object => schemaFor(RECIPE, horizon, { weather, end });
  assert.deepEqual(of(warm), { version: 2, ...horizon, weather: true, temperature: true, year: false });
  assert.deepEqual(of(sunny), { version: 2, ...horizon, weather: true, temperature: false, year: false });
  assert.deepEqual(of(null), { version: 2, ...horizon, weather: false, temperature: false, year: false });
  const late = { ghi: known(100, 0), wind: known(5, 0), temperature: known(10, 0.4) };
  assert.deepEqual(of(late), { version: 2, ...horizon, weather: false, temperature: false, year: false });
});

test('a short history uses version 1, and so does a first model without known temperature', () => {
  const warm = { ...sunny, temperature: known(10) };
  const short = (LEAST_WIDE_DAYS - 1) * 96;
  assert.equal(schemaFor(RECIPE, horizon, { weather: warm, end: short }).version, 1);
  assert.equal(schemaFor(FIRST, horizon, { weather: sunny, end }).version, 1);
  assert.deepEqual(schemaFor(FIRST, horizon, { weather: warm, end }).temperature, true);
});

test('the time of year is an input once the history covers nearly a year', () => {
  const of = (days: number): object => schemaFor(RECIPE, horizon, { weather: null, end: days * 96 });
  const without = { version: 2, ...horizon, weather: false, temperature: false };
  assert.deepEqual(
    [of(349), of(350)],
    [
      { ...without, year: false },
      { ...without, year: true },
    ],
  );
});

test('a subset of the members gives a reduced recipe, all members the same one', () => {
  assert.equal(within(RECIPE, ['dayBefore', 'hours', 'mlp', 'boosting', 'ridge']), RECIPE);
  assert.deepEqual(within(RECIPE, ['ridge']).members, ['ridge']);
});

test('a short history holds back fewer days', () => {
  assert.deepEqual(
    [49, 52, 53, 364].map((days) => heldBackOf(RECIPE, days)),
    [7, 7, 28, 28],
  );
});
