import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../../../shared/ports/random.ts';
import { loadProfiles } from '../../../simulators/data/profiles.ts';
import { loadSeries } from '../../../simulators/data/series.ts';
import { inputDrifts, referencesOf } from './inputs.ts';
import { hasGrown, NO_LOSSES, withLoss } from './loss-watch.ts';
import { changeOf, referenceOf, stabilityIndex } from './stability.ts';

const DAY = 96;
const WEEK = 7 * DAY;
const TRAINED_DAYS = 56;

const real = [...loadSeries().map(({ netKw }) => netKw), ...Object.values(loadProfiles().shapes).slice(0, 5)];

/** A stationary series with the shapes of a real one: whole weeks of it, drawn again and again. */
function stationary(values: Float64Array, weeks: number, seed: number): Float64Array {
  const random = new SeededRandom(seed);
  const count = Math.floor(values.length / WEEK);
  const out = new Float64Array(weeks * WEEK);
  for (let week = 0; week < weeks; week++) {
    const from = Math.floor(random.next() * count) * WEEK;
    out.set(values.subarray(from, from + WEEK), week * WEEK);
  }
  return out;
}

/** Days after the training at which inputs and errors of the same-hour mean are first found to have drifted, by looks each week. */
function found(values: Float64Array): { inputs: number | undefined; errors: number | undefined } {
  const cut = TRAINED_DAYS * DAY;
  const references = referencesOf({ load: values.subarray(0, cut) });
  let inputs: number | undefined;
  for (let end = cut + WEEK; inputs === undefined && end <= values.length; end += WEEK) {
    const drifts = inputDrifts(references, { load: values.subarray(end - 28 * DAY, end) });
    if (drifts.some(({ index, limit }) => index > limit)) inputs = (end - cut) / DAY;
  }
  const missed = changeOf(values, DAY);
  let errors: number | undefined;
  let state = NO_LOSSES;
  for (let at = cut; errors === undefined && at + DAY <= values.length; at += DAY) {
    const day = missed.subarray(at, at + DAY).filter((value) => !Number.isNaN(value));
    state = withLoss(state, day.reduce((sum, value) => sum + Math.abs(value), 0) / day.length);
    if (hasGrown(state)) errors = (at - cut) / DAY + 1;
  }
  return { inputs, errors };
}

const moments = (values: Float64Array): { mean: number; deviation: number } => {
  const known = values.filter((value) => !Number.isNaN(value));
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / known.length) };
};

/** Thirty-five days after the training something happens. */
const AT = (TRAINED_DAYS + 35) * DAY;
const changes: Readonly<Record<string, { within: number; of: (values: Float64Array) => Float64Array }>> = {
  'a level that moves by one and a half deviations': {
    within: 35,
    of: (values) => {
      const { deviation } = moments(values);
      return values.map((value, i) => (i < AT ? value : value + 1.5 * deviation));
    },
  },
  'a scale that doubles': {
    within: 91,
    of: (values) => {
      const { mean } = moments(values);
      return values.map((value, i) => (i < AT ? value : mean + 2 * (value - mean)));
    },
  },
  'a slow trend, two deviations in half a year': {
    within: 182,
    of: (values) => {
      const { deviation } = moments(values);
      return values.map((value, i) => (i < AT ? value : value + (2 * deviation * (i - AT)) / (180 * DAY)));
    },
  },
};

for (const [what, { within, of }] of Object.entries(changes))
  test(`${what} is found in every series within ${within} days`, () => {
    const late = real.map((values, seed) => {
      const { inputs, errors } = found(of(stationary(values, 8 + 5 + 27, seed)));
      return Math.min(inputs ?? Infinity, errors ?? Infinity) - 35;
    });
    assert.ok(
      late.every((days) => days <= within),
      late.join(' '),
    );
  });

/** Stated: in a year without a drift at most so many of a hundred series raise an alarm, of inputs and of errors. */
const STATED = { inputs: 0.5, errors: 0.3 };

test('in a year of stationary real load few series raise an alarm', () => {
  const years = real.flatMap((values, number) =>
    [0, 1].map((seed) => found(stationary(values, 8 + 52, 100 * seed + number))),
  );
  const share = (kind: 'inputs' | 'errors'): number =>
    years.filter((year) => year[kind] !== undefined).length / years.length;
  assert.ok(share('inputs') <= STATED.inputs, `inputs: ${share('inputs')}`);
  assert.ok(share('errors') <= STATED.errors, `errors: ${share('errors')}`);
});

test('the index is 0 for the same values, grows with the shift, and leaves gaps out', () => {
  const values = Float64Array.from({ length: 60 * DAY }, (_, i) => Math.sin(i / 15) * 100 + ((i * 7919) % 101));
  const reference = referenceOf(values, DAY)!;
  const shifted = (by: number): number =>
    stabilityIndex(
      reference,
      values.map((value) => value + by),
    )!;
  assert.ok(shifted(0) < 1e-12);
  assert.ok(shifted(20) < shifted(60) && shifted(60) < shifted(200));
  const gappy = values.map((value, i) => (i % 7 === 0 ? Number.NaN : value));
  assert.ok(stabilityIndex(reference, gappy)! < 0.01);
  assert.equal(stabilityIndex(reference, new Float64Array(9).fill(Number.NaN)), undefined);
  assert.equal(referenceOf(values.subarray(0, 20 * DAY), DAY), undefined);
  // Half of it one value, as the sun is at night: the bins that fall together are one.
  const night = values.map((value, i) => (i % 2 === 0 ? 0 : value));
  assert.ok(stabilityIndex(referenceOf(night, DAY)!, night)! < 1e-12);
});

test('a single wild day raises nothing; a loss that is no number changes nothing', () => {
  let state = NO_LOSSES;
  for (let day = 0; day < 40; day++) state = withLoss(state, 100 + (day % 5));
  state = withLoss(state, 1e9);
  assert.ok(!hasGrown(state));
  for (const loss of [Number.NaN, 0, -1, Infinity]) assert.deepEqual(withLoss(state, loss), state);
  let grown = state;
  let days = 0;
  for (; !hasGrown(grown); days++) grown = withLoss(grown, 180);
  assert.ok(days <= 10, `${days} days`);
});
