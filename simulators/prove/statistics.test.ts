import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gaussian, SeededRandom } from '../../shared/ports/random.ts';
import { holm, interval, pLess, type Dated } from './statistics.ts';

const bootstrap = { rounds: 2000, level: 0.95, seed: 1 };
const random = new SeededRandom(5, 'statistics');

/** Days with two runs each, which share most of their error. */
const sample = (days: number, mean: number): Dated[] =>
  Array.from({ length: days }, (_, day) => {
    const shared = gaussian(random);
    return [0, 1].map(() => ({ day: `${day}`, value: mean + shared + 0.1 * gaussian(random) }));
  }).flat();

test('the interval covers the true mean in about 95 % of samples with dependent days', () => {
  let held = 0;
  for (let at = 0; at < 200; at++) {
    const { low, high } = interval(sample(26, 3), bootstrap);
    if (low! <= 3 && high! >= 3) held++;
  }
  assert.ok(held >= 178, `${held} of 200`);
});

test('four days are too few for an interval', () => {
  const four = Array.from({ length: 4 }, (_, at): Dated => ({ day: `${at}`, value: 2 + at }));
  const { low, high, mean } = interval(four, bootstrap);
  assert.deepEqual([mean, low, high], [3.5, null, null]);
  assert.equal(pLess(four, bootstrap, 100), 1);
});

test('a clear difference has a small p, no difference a large one, and no runs never give certainty', () => {
  assert.ok(pLess(sample(26, -3), bootstrap) <= 0.001);
  assert.ok(pLess(sample(26, 3), bootstrap) > 0.99);
  assert.equal(pLess([], bootstrap), 1);
});

test('Holm multiplies the least p by the number of tests, the next by one fewer, and never decreases', () => {
  assert.deepEqual(holm([0.01, 0.04, 0.03]), [0.03, 0.06, 0.06]);
  assert.deepEqual(holm([0.6, 0.9]), [1, 1]);
});
