import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pinball } from '../quantiles.ts';
import { SeededRandom } from '../../ports/random.ts';
import type { Table } from './table.ts';
import { predictMlp, trainMlp, type FittedMlp, type MlpOptions } from './mlp-train.ts';
import { activationsOf, backward, forward, freshMlp, weightCount } from './mlp.ts';

const BATCH = 8;

test('the gradient matches finite differences', () => {
  const random = new SeededRandom(1);
  const mlp = freshMlp([5, 7, 6, 3], random);
  for (let i = 0; i < mlp.weights.length; i++) mlp.weights[i]! += 0.05 * (random.next() - 0.5);
  const inputs = Float32Array.from({ length: BATCH * 5 }, () => random.next() - 0.5);
  const wanted = Float32Array.from({ length: BATCH * 3 }, () => random.next());
  const activations = activationsOf(mlp, BATCH);
  const loss = (): number => {
    activations.values[0]!.set(inputs);
    return forward(mlp, activations).reduce((sum, value, i) => sum + (value - wanted[i]!) ** 2 / 2, 0);
  };
  loss();
  activations.deltas.at(-1)!.set(activations.values.at(-1)!.map((value, i) => value - wanted[i]!));
  const gradient = new Float32Array(weightCount(mlp.sizes));
  backward(mlp, activations, gradient);
  const middle = loss();
  const step = 2 ** -9;
  let bent = 0;
  for (let i = 0; i < gradient.length; i++) {
    const weight = mlp.weights[i]!;
    mlp.weights[i] = weight + step;
    const up = (loss() - middle) / step;
    mlp.weights[i] = weight - step;
    const down = (middle - loss()) / step;
    mlp.weights[i] = weight;
    if (Math.abs(up - down) > 0.01) {
      bent++;
      continue;
    }
    const slope = (up + down) / 2;
    assert.ok(Math.abs(slope - gradient[i]!) < 0.01, `weight ${i}: ${gradient[i]} not ${slope}`);
  }
  assert.ok(bent < gradient.length / 10, `${bent} weights lie at a bend of a unit`);
});

const table: Table = (() => {
  const random = new SeededRandom(6);
  return { rows: 2048, columns: 3, values: Float32Array.from({ length: 2048 * 3 }, () => random.next()) };
})();
const noise = new SeededRandom(7);
const targets = Float64Array.from(
  { length: table.rows },
  (_, i) => 50 + 10 * Math.abs(table.values[i * 3]! - 0.5) + table.values[i * 3 + 1]! * noise.next(),
);
const options = (epochs: number): MlpOptions => ({
  levels: [0.1, 0.5, 0.9],
  hidden: [16],
  epochs,
  rowsPerEpoch: 2048,
  rate: 0.01,
  decay: 0.001,
  random: new SeededRandom(2),
});
const lossOf = (model: FittedMlp): number => {
  const out = predictMlp(model, table);
  return targets.reduce((sum, y, i) => sum + pinball(0.5, y, out[i * 3 + 1]!), 0) / table.rows;
};

test('training lowers the pinball loss, and quantiles cover their shares', () => {
  const model = trainMlp(table, targets, options(40));
  assert.ok(lossOf(model) < 0.5 * lossOf(trainMlp(table, targets, options(1))));
  const out = predictMlp(model, table);
  for (const [q, level] of model.levels.entries()) {
    const share = targets.filter((y, i) => y <= out[i * 3 + q]!).length / table.rows;
    assert.ok(Math.abs(share - level) < 0.07, `${share} lie below the quantile ${level}`);
  }
});

test('the same seed gives the same network', () => {
  assert.deepEqual(trainMlp(table, targets, options(3)), trainMlp(table, targets, options(3)));
});
