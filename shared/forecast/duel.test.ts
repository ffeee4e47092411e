import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Duel, type Said } from './duel.ts';

const DAY = 96;
/** A forecast with a band of `half` around `mid`, two days ahead. */
const said = (mid: number, half: number): Said => ({
  levels: [0.1, 0.5, 0.9],
  values: Float32Array.from({ length: 2 * DAY * 3 }, (_, i) => mid + half * ((i % 3) - 1)),
});

/** `days` days of 100 kW, with a forecast every quarter of an hour. */
function fought(days: number, beside: Said): Duel {
  const duel = new Duel();
  for (let at = 0; at <= days * DAY; at++) {
    duel.issued(at, said(104, 10), beside);
    duel.came(at, 100);
  }
  return duel;
}

test('only the last three days that forecasts of all leads reach count', () => {
  assert.deepEqual(fought(2, said(101, 10)).beside.days, []);
  const { days } = fought(6, said(101, 10)).beside;
  assert.deepEqual(
    days!.map(({ day }) => day / 86_400_000),
    [3, 4, 5],
  );
  // One origin every 3 h, and each target has 48 h of leads.
  assert.ok(days!.every(({ n }) => n === 16 * DAY));
});

test('losses count all quantiles: a band that misses costs more at the same median', () => {
  const [narrow, wide] = [fought(4, said(104, 0)), fought(4, said(104, 10))].map((duel) => duel.beside);
  assert.ok(narrow!.besideKw > 1.2 * narrow!.answeringKw, `${narrow!.besideKw} ${narrow!.answeringKw}`);
  assert.ok(Math.abs(wide!.besideKw - wide!.answeringKw) < 1e-6);
});

test('a band without width covers nothing, even if it is exact', () => {
  const { coverage } = fought(4, said(100, 0)).beside;
  assert.ok(coverage!.n > 1000);
  assert.equal(coverage!.inside, 0);
});

test('a few hours give no significant difference', () => {
  const { besideKw, answeringKw, standardErrorKw } = fought(0.3, said(300, 10)).beside;
  assert.ok(standardErrorKw >= besideKw - answeringKw);
});
