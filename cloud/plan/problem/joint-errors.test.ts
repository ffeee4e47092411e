import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JointErrors } from './joint-errors.ts';

const errors = (...feeders: readonly (readonly [wholeKw: number, loadKw: number])[]): JointErrors => {
  const joint = new JointErrors(1);
  for (const [wholeKw, loadKw] of feeders) joint.add(0, { wholeKw, loadKw, loadKvar: loadKw / 2 });
  return joint;
};
const near = (value: number, wanted: number): void => assert.ok(Math.abs(value - wanted) < 1e-9, `${value}`);

test('errors of feeders add up at the busbar only as far as they correlate', () => {
  const two = errors([300, 300], [400, 400]);
  near(two.relief(0, 500).kw, 200);
  near(two.relief(0, 500).kvar, 100);
  near(two.relief(0, 700).kw, 0);
  near(two.relief(0, 900).kw, 0);
  near(two.relief(0, 100).kw, 200);
  const half = two.relief(0, Math.sqrt(500 ** 2 + 0.5 * (700 ** 2 - 500 ** 2))).kw;
  assert.ok(half > 0 && half < 200 && Math.abs(700 - half - Math.sqrt((500 ** 2 + 700 ** 2) / 2)) < 1e-9);
  assert.equal(two.sumKw(0), 700);
});

test('a single feeder keeps its own error, and an error from sun does not offset another', () => {
  near(errors([300, 300]).relief(0, 100).kw, 0);
  near(errors([300, 0], [400, 400]).relief(0, 500).kw, 0);
  near(errors().relief(0, 500).kw, 0);
});
