import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { gaussian, SeededRandom } from '../../../shared/ports/random.ts';
import { fitEnsemble } from './fit-ensemble.ts';

const DAYS = 63;
const FROM = (DAYS - 28) * 96;
const random = new SeededRandom(7, 'folds');
const values = Float64Array.from(
  { length: DAYS * 96 },
  (_, i) => 1000 + 300 * Math.sin(((i % 96) / 96) * 2 * Math.PI) + 60 * gaussian(random),
);

const fitted = (load: Float64Array) =>
  fitEnsemble({
    load: { start: Date.UTC(2021, 7, 1), stepS: 900, values: load },
    schema: { steps: 192, stepS: 900, weather: false },
    zone: 'UTC',
    levels: QUANTILES,
    members: ['ridge', 'dayBefore'],
    from: FROM,
    keepHeldBack: true,
  });

test('the load of a held-out day barely affects the quantiles it is scored with', async () => {
  // The last day: its values are no input of a later forecast.
  const day = DAYS - 1;
  const changed = Float64Array.from(values, (value, i) => (Math.floor(i / 96) === day ? value + 100 : value));
  const [before, after] = [fitted(values), fitted(changed)];
  const blank = new Float32Array(0);
  let [compared, moved] = [0, 0];
  for (let next = FROM; next < day * 96; next++) {
    const first = Math.max(0, day * 96 - next);
    if (first >= 192 || !isOrigin(next)) continue;
    const [a, b] = [await before.honest(blank, next), await after.honest(blank, next)];
    const last = Math.min(192, first + 96) * QUANTILES.length;
    for (let at = first * QUANTILES.length; at < last; at++) moved = Math.max(moved, Math.abs(b[at]! - a[at]!));
    compared++;
  }
  assert.ok(compared > 5, `${compared}`);
  // A trace of it remains through the weights of earlier days.
  assert.ok(moved < 0.15, `${moved} kW`);
});

/** Whether an index is on the fixed grid of origins: see `originsOf`. */
const isOrigin = (next: number): boolean => (Math.round(Date.UTC(2021, 7, 1) / 900_000) + next) % 19 === 0;
