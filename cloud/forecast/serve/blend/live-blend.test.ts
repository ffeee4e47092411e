import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { weighted } from '../../../../shared/forecast/member-blend.ts';
import { QUANTILES } from '../../../../shared/forecast/quantiles.ts';
import { LiveBlend, PRIOR_DAYS, type BlendedModel } from './live-blend.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const T0 = Date.UTC(2021, 8, 1);
const MEAN_KW = 1000;

const model: BlendedModel = {
  steps: 192,
  stepS: 900,
  quantiles: [...QUANTILES],
  blend: {
    members: ['ridge', 'boosting'],
    groups: [
      { to: 4, weights: [0.7, 0.3] },
      { to: 192, weights: [0.4, 0.6] },
    ],
  },
};

/** Each member's forecast is its own value at every step and level, kW. */
const said = (...values: readonly number[]): Float32Array =>
  Float32Array.from({ length: values.length * 192 * 19 }, (_, i) => values[Math.floor(i / (192 * 19))]!);

/** Days of forecasts, one every quarter of an hour; `actual` returns the actual value. */
function live(
  blend: LiveBlend,
  days: { readonly from: number; readonly to: number },
  { values, actual = () => MEAN_KW }: { values: Float32Array; actual?: (time: number) => number },
): void {
  for (let time = T0 + days.from * DAY_MS; time < T0 + days.to * DAY_MS; time += 900_000) {
    blend.settle(time, actual);
    blend.issued(time, values);
  }
}

const weightsOf = (blend: LiveBlend): (readonly number[])[] => blend.weights().groups.map(({ weights }) => weights);

test('a fresh model starts at its trained weights and moves to the better member', () => {
  const blend = new LiveBlend(model);
  assert.deepEqual(blend.weights(), model.blend);
  const firsts: number[] = [];
  for (let day = 0; day < 8; day++) {
    live(blend, { from: day, to: day + 1 }, { values: said(MEAN_KW + 10, MEAN_KW + 30) });
    firsts.push(weightsOf(blend)[0]![0]!);
  }
  assert.ok(
    firsts.every((share, i) => i === 0 || share > firsts[i - 1]!),
    firsts.join(' '),
  );
  const last = weightsOf(blend);
  assert.ok(last[0]![0]! > 0.99 && last[1]![0]! > 0.99, JSON.stringify(last));
  for (const each of last) assert.ok(Math.abs(each[0]! + each[1]! - 1) < 1e-5);
});

test('the trained weights count as a number of days of live evidence', () => {
  const days = 4;
  const blend = new LiveBlend(model, days);
  // Both are equally wrong, which alone gives equal weights.
  live(blend, { from: 0, to: days + 2 }, { values: said(MEAN_KW + 10, MEAN_KW - 10), actual: () => MEAN_KW });
  const logit = (share: number): number => Math.log(share / (1 - share));
  const [near] = weightsOf(blend)[0]!;
  // The first group has been settled for six days less a part of an hour.
  const share = days / (days + days + 2);
  assert.ok(Math.abs(logit(near!) - share * logit(0.7)) < 0.02, `${near}`);
});

test('errors expire after 28 days; after such a gap the trained weights apply again', () => {
  const blend = new LiveBlend(model);
  live(blend, { from: 0, to: 6 }, { values: said(MEAN_KW, MEAN_KW + 50) });
  assert.notDeepEqual(blend.weights(), model.blend);
  blend.settle(T0 + 36 * DAY_MS, () => Number.NaN);
  assert.deepEqual(blend.weights(), model.blend);
});

test('hours with unknown values do not count; hours that arrive late do', () => {
  const out = new LiveBlend(model);
  const values = said(MEAN_KW, MEAN_KW + 50);
  live(out, { from: 0, to: 5 }, { values, actual: () => Number.NaN });
  assert.deepEqual(out.weights(), model.blend);
  const [late, prompt] = [new LiveBlend(model), new LiveBlend(model)];
  const known = (delayMs: number) => (now: number) => (time: number) => (time < now - delayMs ? MEAN_KW : Number.NaN);
  for (let time = T0; time < T0 + 5 * DAY_MS; time += HOUR_MS) {
    late.settle(time, known(60 * HOUR_MS)(time));
    late.issued(time, values);
    prompt.settle(time, known(0)(time));
    prompt.issued(time, values);
  }
  for (const each of [late, prompt]) each.settle(T0 + 5 * DAY_MS + 7 * HOUR_MS, known(0)(T0 + 8 * DAY_MS));
  assert.deepEqual(late.weights(), prompt.weights());
});

test('a restart continues with the same weights and pending errors', () => {
  const values = said(MEAN_KW, MEAN_KW + 20);
  const through = new LiveBlend(model);
  live(through, { from: 0, to: 2 }, { values });
  const again = new LiveBlend(model);
  again.restore(JSON.parse(JSON.stringify(through.state())));
  assert.deepEqual(again.weights(), through.weights());
  for (const blend of [through, again]) blend.settle(T0 + 4 * DAY_MS, () => MEAN_KW);
  assert.deepEqual(again.weights(), through.weights());
  assert.deepEqual(again.state(), through.state());
});

test('memory stays bounded with age and number of queries', () => {
  const blend = new LiveBlend(model);
  const size = (): number => JSON.stringify(blend.state()).length;
  live(blend, { from: 0, to: 40 }, { values: said(1234.56, 1243.21), actual: () => 1111.11 });
  const before = size();
  live(blend, { from: 40, to: 90 }, { values: said(1234.56, 1243.21), actual: () => 1111.11 });
  assert.ok(size() <= before + 100, `${before} ${size()}`);
  assert.ok(before < 25_000, `${before}`);
});

test('property: blended quantiles of uncrossed members never cross', () => {
  const shape = { ...model, steps: 4, blend: { ...model.blend, groups: [{ to: 4, weights: [0.5, 0.5] }] } };
  const member = fc.record({ base: fc.integer({ min: -9e5, max: 9e5 }), rise: fc.integer({ min: 0, max: 500 }) });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(member, member, fc.integer({ min: -9e5, max: 9e5 })), { minLength: 1, maxLength: 60 }),
      (origins) => {
        const blend = new LiveBlend(shape, PRIOR_DAYS);
        for (const [i, [a, b, came]] of origins.entries()) {
          const values = Float32Array.from({ length: 2 * 4 * 19 }, (_, at) => {
            const { base, rise } = at < 4 * 19 ? a : b;
            return base + rise * (at % 19);
          });
          blend.settle(T0 + i * HOUR_MS, () => came);
          blend.issued(T0 + i * HOUR_MS, values);
          const weights = blend.weights();
          for (const share of weights.groups[0]!.weights) assert.ok(share > 0 && share <= 1);
          const out = weighted(values, weights, shape);
          for (const [at, value] of out.entries()) {
            assert.ok(Number.isFinite(value));
            assert.ok(at % 19 === 0 || value >= out[at - 1]!, `${out[at - 1]} ${value}`);
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});
