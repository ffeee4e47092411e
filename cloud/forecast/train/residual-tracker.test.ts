import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { gaussian, SeededRandom } from '../../../shared/ports/random.ts';
import { checkedSteps, ResidualTracker } from './residual-tracker.ts';

const horizon = { steps: 192, stepS: 900 };
const MID = QUANTILES.indexOf(0.5);
const flat = QUANTILES.map((level) => 1000 + 100 * (level - 0.5));

/** Trains on `hours` hours of a load that lies `bias` above the median, with noise of `sigma`. */
function learnt({ bias, sigma, hours }: { bias: number; sigma: number; hours: number }, each?: (hour: number) => void) {
  const tracker = new ResidualTracker(QUANTILES, horizon);
  const random = new SeededRandom(5, 'residuals');
  for (let hour = 0; hour < hours; hour++) {
    for (const step of checkedSteps(horizon))
      tracker.learn(step, flat, { actual: 1000 + bias + sigma * gaussian(random), hours: 1 });
    each?.(hour);
  }
  return tracker;
}

test('a bias of many band widths is removed from the median, and the band covers its share', () => {
  const random = new SeededRandom(6, 'afterwards');
  let [inside, below, n] = [0, 0, 0];
  let tracker: ResidualTracker | undefined;
  tracker = learnt({ bias: 2500, sigma: 400, hours: 28 * 24 });
  for (let draw = 0; draw < 4000; draw++, n++) {
    const column = tracker.apply(95, flat);
    const actual = 3500 + 400 * gaussian(random);
    if (actual >= column[1]! && actual <= column[17]!) inside++;
    if (actual <= column[MID]!) below++;
  }
  assert.ok(inside / n > 0.75 && inside / n < 0.85, `coverage ${inside / n}`);
  assert.ok(below / n > 0.42 && below / n < 0.58, `below the median ${below / n}`);
});

test('nights without uncertainty do not count, so the band by day covers its share', () => {
  const tracker = new ResidualTracker(QUANTILES, horizon);
  const random = new SeededRandom(7, 'solar');
  const night = QUANTILES.map(() => 0);
  for (let hour = 0; hour < 60 * 24; hour++) {
    const isDay = hour % 24 >= 12;
    const actual = isDay ? 1000 + 200 * gaussian(random) : 0;
    for (const step of checkedSteps(horizon)) tracker.learn(step, isDay ? flat : night, { actual, hours: 1 });
  }
  let inside = 0;
  const column = tracker.apply(95, flat);
  for (let draw = 0; draw < 4000; draw++) {
    const actual = 1000 + 200 * gaussian(random);
    if (actual >= column[1]! && actual <= column[17]!) inside++;
  }
  assert.ok(inside > 3000 && inside < 3400, `${inside} of 4000`);
  assert.ok(tracker.apply(95, night).every((value) => value === 0));
});

test('offsets are interpolated between checked leads, so no lead jumps', () => {
  const tracker = new ResidualTracker(QUANTILES, horizon);
  for (const [at, step] of checkedSteps(horizon).entries())
    for (let hour = 0; hour < 200; hour++) tracker.learn(step, flat, { actual: 1000 + 300 * (at % 2), hours: 1 });
  const median = Array.from({ length: 192 }, (_, step) => tracker.apply(step, flat)[MID]!);
  const rises = median.slice(1).map((value, i) => Math.abs(value - median[i]!));
  assert.ok(Math.max(...rises.slice(16)) < 20, `${Math.max(...rises.slice(16))}`);
  assert.ok(Math.max(...median) - Math.min(...median) > 200);
});

test('quantiles never cross, and a restart continues from the saved state', () => {
  const tracker = learnt({ bias: -300, sigma: 900, hours: 100 });
  const again = new ResidualTracker(QUANTILES, horizon);
  again.restore(JSON.parse(JSON.stringify(tracker.state())));
  for (const step of [0, 50, 100, 191]) {
    const column = tracker.apply(step, flat);
    assert.deepEqual(again.apply(step, flat), column);
    assert.ok(column.every((value, q) => q === 0 || value >= column[q - 1]!));
  }
});

test('the checked leads are the same hours at any resolution', () => {
  assert.deepEqual(
    checkedSteps(horizon).map((step) => (step + 1) / 4),
    [0.25, 0.5, 1, 2, 4, 8, 12, 18, 24, 36, 48],
  );
  assert.deepEqual(
    checkedSteps({ steps: 24, stepS: 3600 }).map((step) => step + 1),
    [1, 2, 4, 8, 12, 18, 24],
  );
});
