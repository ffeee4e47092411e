import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../ports/random.ts';
import { compare } from './evaluate.ts';
import { baselineForecast } from './naive.ts';

const DAY = 24;
const LEVELS = [0.1, 0.5, 0.9];

test('a baseline is scored as issued, from measurements of four weeks without filled gaps', async () => {
  const random = new SeededRandom(1);
  // Errors grow, so more history would give another band.
  const values = Float64Array.from({ length: 80 * DAY }, (_, i) => 100 * Math.sin(i / 4) + (i / 9) * random.next());
  for (let i = 0; i < values.length; i += 5 * DAY) values.fill(Number.NaN, i, i + 12);
  const load = { start: 0, stepS: 3600, values };
  const schema = { steps: DAY, stepS: 3600, weather: false };
  const held = { load, schema, zone: 'UTC', levels: LEVELS, from: 70 * DAY, stride: 7 };
  const { days } = await compare(held, (_, next) => {
    const history = { ...load, values: values.subarray(next - 28 * DAY, next) };
    const issued = baselineForecast('sameHourMean', history, { steps: DAY, levels: LEVELS });
    return Float64Array.from({ length: DAY * LEVELS.length }, (__, i) => {
      const [step, level] = [Math.floor(i / LEVELS.length), i % LEVELS.length];
      return issued.values[level]![step]!;
    });
  });
  assert.ok(days.length > 9);
  for (const { model, sameHourMean } of days) assert.equal(sameHourMean, model);
});
