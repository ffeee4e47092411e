import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { SeededRandom } from '../ports/random.ts';
import { averaged, sharesOf } from './average.ts';
import { clipped, decodeDelta, DELTA_BYTES, deltaOf, encodeDelta, greatestNorm, normOf } from './delta.ts';
import { fineTune, freshNetwork, NETWORK_WEIGHTS } from './network.ts';
import { epsilonOf } from './privacy.ts';
import { COLUMNS } from './scale-free.ts';

const drawn = (seed: number, size: number): Float32Array => {
  const random = new SeededRandom(seed);
  return Float32Array.from({ length: NETWORK_WEIGHTS }, () => size * (random.next() - 0.5));
};
const anySeed = fc.integer({ min: 1, max: 1e9 });
const anySize = fc.double({ min: 1e-6, max: 1e6, noNaN: true });

test('a clipped delta keeps its direction and stays within the clip', () => {
  fc.assert(
    fc.property(anySeed, anySize, fc.double({ min: 1e-3, max: 100, noNaN: true }), (seed, size, clip) => {
      const delta = drawn(seed, size);
      const short = clipped(delta, clip);
      assert.ok(normOf(short) <= clip * (1 + 1e-5) || normOf(short) === normOf(delta));
      const ratio = normOf(short) / normOf(delta);
      for (const [i, value] of delta.entries()) assert.ok(Math.abs(short[i]! - ratio * value) <= 1e-5 * size);
    }),
    { numRuns: 50 },
  );
});

test("an honest update passes the cloud's gate, with and without noise", () => {
  fc.assert(
    fc.property(anySeed, anySize, fc.constantFrom(0, 0.01, 0.5, 5), (seed, size, noiseMultiplier) => {
      const rules = { clip: 0.7, noiseMultiplier };
      const base = freshNetwork(1);
      const away = drawn(seed, size);
      const weights = base.map((weight, i) => weight + away[i]!);
      const random = new SeededRandom(seed);
      const delta = deltaOf({ base, weights }, rules, random);
      const decoded = decodeDelta(encodeDelta(delta, random), rules);
      assert.ok(decoded.ok, JSON.stringify(decoded));
    }),
    { numRuns: 50 },
  );
});

test('eight-bit quantisation is unbiased', () => {
  const random = new SeededRandom(2);
  const rules = { clip: 1, noiseMultiplier: 0 };
  const delta = clipped(drawn(5, 1), 1);
  const sum = new Float64Array(NETWORK_WEIGHTS);
  const times = 400;
  for (let i = 0; i < times; i++) {
    const decoded = decodeDelta(encodeDelta(delta, random), rules);
    assert.ok(decoded.ok);
    for (const [k, value] of decoded.value.entries()) sum[k]! += value / times;
  }
  const step = delta.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127;
  for (const [k, value] of delta.entries())
    assert.ok(Math.abs(sum[k]! - value) < (5 * step) / 2 / Math.sqrt(times) + 1e-6);
});

test('a forged update is rejected with its code: wrong length, values not finite, huge norm', () => {
  const rules = { clip: 1, noiseMultiplier: 0 };
  const codeOf = (bytes: Uint8Array): string => {
    const decoded = decodeDelta(bytes, rules);
    return decoded.ok ? 'good' : decoded.fault.code;
  };
  const random = new SeededRandom(1);
  const honest = encodeDelta(clipped(drawn(1, 1), 1), random);
  assert.equal(codeOf(honest), 'good');
  assert.equal(codeOf(honest.subarray(1)), 'LS-FED-001');
  assert.equal(codeOf(new Uint8Array(DELTA_BYTES + 1)), 'LS-FED-001');
  for (const scale of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const lie = honest.slice();
    new DataView(lie.buffer).setFloat32(0, scale, true);
    assert.equal(codeOf(lie), 'LS-FED-002');
  }
  assert.equal(codeOf(encodeDelta(clipped(drawn(1, 1), 10), random)), 'LS-FED-003');
  // The scale times most weights overflows float32.
  const huge = honest.slice();
  new DataView(huge.buffer).setFloat32(0, 3e38, true);
  assert.notEqual(codeOf(huge), 'good');
});

test('one gateway moves the mean by at most four times its share', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 0, max: 1e15 }),
      (honest, lie) => {
        const samples = [...honest, lie];
        const shares = sharesOf(samples);
        assert.ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) < 1e-9);
        for (const share of shares) assert.ok(share <= 4 / samples.length + 1e-9, `${share} of ${samples.length}`);
      },
    ),
  );
  const rules = { clip: 1, noiseMultiplier: 0 };
  const base = freshNetwork(1);
  const still = new Float32Array(NETWORK_WEIGHTS);
  const lie = clipped(drawn(9, 1), greatestNorm(rules));
  const parts = Array.from({ length: 9 }, (_, i) => ({ gateway: `g${i}`, samples: 1000, delta: still }));
  const moved = averaged(base, [...parts, { gateway: 'liar', samples: 1e15, delta: lie }]);
  assert.ok(normOf(moved.map((weight, i) => weight - base[i]!)) <= (4 / 10) * greatestNorm(rules));
});

test('the mean of equal updates is that update, in any order', () => {
  const base = freshNetwork(1);
  const parts = [1, 2, 3].map((seed) => ({ gateway: `g${seed}`, samples: 500, delta: drawn(seed, 1) }));
  const mean = averaged(base, parts);
  const turned = averaged(base, parts.toReversed());
  for (const [i, weight] of base.entries()) {
    const expected = weight + (parts[0]!.delta[i]! + parts[1]!.delta[i]! + parts[2]!.delta[i]!) / 3;
    assert.ok(Math.abs(mean[i]! - expected) < 1e-6);
    assert.ok(Math.abs(mean[i]! - turned[i]!) < 1e-6);
  }
});

test('the proximal term limits fine-tuning, and without data nothing changes', () => {
  const random = new SeededRandom(6);
  const rows = 1024;
  const values = Float32Array.from({ length: rows * COLUMNS }, () => random.next() - 0.5);
  const targets = Float64Array.from({ length: rows }, (_, row) => 2 * values[row * COLUMNS]! + 0.1 * random.next());
  const sample = { table: { rows, columns: COLUMNS, values }, targets };
  const base = freshNetwork(1);
  const tuned = (proximal: number): Float32Array =>
    fineTune(base, sample, { epochs: 3, rowsPerEpoch: rows, rate: 2e-3, proximal, random: new SeededRandom(1) });
  const way = (weights: Float32Array): number => normOf(weights.map((weight, i) => weight - base[i]!));
  assert.ok(way(tuned(0)) > 0);
  assert.ok(way(tuned(10)) < 0.7 * way(tuned(0)));
  const none = { table: { rows: 0, columns: COLUMNS, values: new Float32Array() }, targets: new Float64Array() };
  const options = { epochs: 3, rowsPerEpoch: rows, rate: 2e-3, proximal: 0, random };
  assert.deepEqual(fineTune(base, none, options), base);
});

test('privacy: epsilon is infinite without noise, composes over rounds and matches the paper', () => {
  assert.equal(epsilonOf({ rounds: 3, noiseMultiplier: 0, delta: 1e-5 }), Number.POSITIVE_INFINITY);
  assert.equal(epsilonOf({ rounds: 0, noiseMultiplier: 0, delta: 1e-5 }), 0);
  // rho = (2 C)^2 / (2 (2 C)^2) = 1/2 for one round at twice the clip: 1/2 + 2 sqrt(ln(1e5) / 2).
  assert.ok(Math.abs(epsilonOf({ rounds: 1, noiseMultiplier: 2, delta: 1e-5 }) - 5.2985) < 1e-3);
  const four = epsilonOf({ rounds: 4, noiseMultiplier: 4, delta: 1e-5 });
  assert.ok(Math.abs(four - epsilonOf({ rounds: 1, noiseMultiplier: 2, delta: 1e-5 })) < 1e-9);
});
