import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gaussian, SeededRandom } from '../../../../shared/ports/random.ts';
import { blended, recalibrated } from './blend.ts';
import { after, joined, Pairs, TestPairs, type PairForecasts } from './pairs.ts';

const HOURS = 6000;
const random = new SeededRandom(9);
const load = Float64Array.from({ length: HOURS }, () => 50 + gaussian(random));
const pairs = new TestPairs(load);

/** Says the load with an error of this deviation, and quantiles that are too narrow for it. */
function member(deviation: number, of: Pairs = pairs): PairForecasts {
  const noise = new SeededRandom(3, `${deviation}`);
  const mid = of.actual.map((value) => value + deviation * gaussian(noise));
  const moved = (by: number): Float64Array => mid.map((value) => value + by * deviation);
  return { point: mid, mid, low: moved(-0.3), high: moved(0.3) };
}

const [good, bad] = [member(1), member(3)];

test('the better member gets the weight after 28 days of errors; before that all are equal', () => {
  const { forecasts, weights } = blended([good, bad], pairs, { sharpness: 12 });
  assert.ok(weights[0]! > 0.85 && Math.abs(weights[0]! + weights[1]! - 1) < 1e-9, `weights ${weights.join(', ')}`);
  assert.equal(forecasts.mid[0], (good.mid[0]! + bad.mid[0]!) / 2);
});

test('earlier pairs train the blend: the first scored forecast is already weighted and calibrated', () => {
  const first = pairs.count;
  const { horizons, actual } = pairs;
  const later = new Pairs({ origins: pairs.origins.map((origin) => origin + 1250), horizons, actual });
  const both = pairs.followedBy(later);
  const all = [joined(good, good), joined(bad, bad)];
  const blend = blended(all, both, { sharpness: 12, first });
  const [mid, low] = [after(blend.forecasts, first), after(recalibrated(blend.forecasts, both), first)];
  assert.ok(Math.abs(mid.mid[0]! - good.mid[0]!) < 0.2 * Math.abs(bad.mid[0]! - good.mid[0]!));
  assert.ok(low.low[0]! < mid.low[0]! - 0.5, 'the first band is as narrow as the members gave it');
  assert.ok(blend.weights[0]! > 0.95, 'the mean weight counts what came before');
});

test('nothing is learnt from a target beyond the origin', () => {
  const cut = 4900;
  const { origins, horizons } = pairs;
  const changed = new Pairs({
    origins,
    horizons,
    actual: pairs.actual.map((value, i) => (pairs.target(i) > cut ? value + 500 : value)),
  });
  const said = [pairs, changed].map((each) => {
    const { forecasts } = blended([good, bad], each, { sharpness: 12 });
    return { forecasts, tails: recalibrated(forecasts, each) };
  });
  for (let i = 0; i < pairs.count && pairs.origins[i]! <= cut; i++) {
    assert.equal(said[0]!.forecasts.mid[i], said[1]!.forecasts.mid[i]);
    assert.equal(said[0]!.tails.low[i], said[1]!.tails.low[i]);
    assert.equal(said[0]!.tails.high[i], said[1]!.tails.high[i]);
  }
});

test('tails that are too narrow cover correctly after 28 days', () => {
  const { low, high } = recalibrated(good, pairs);
  const ids = [...pairs.actual.keys()].filter((i) => pairs.origins[i]! > pairs.firstTest + 672);
  const covered = ids.filter((i) => pairs.actual[i]! >= low[i]! && pairs.actual[i]! <= high[i]!).length / ids.length;
  assert.ok(Math.abs(covered - 0.8) < 0.02, `coverage ${covered}`);
});
