import assert from 'node:assert/strict';
import { test } from 'node:test';
import { element, image } from '../control/testing/images.ts';
import { OvercurrentRelay } from '../../simulators/plant/relay.ts';
import { RelayWatch } from './relay-watch.ts';

const RATED_A = 200;
const relay = { pickUpA: 1.2 * RATED_A, timeMultiplier: 0.3 };
const elements = [{ id: 'feeder-1', relay }] as unknown as Parameters<RelayWatch['update']>[1];

const following = () => {
  const watch = new RelayWatch();
  return (currentA: number, stepS: number, fresh = true): number => {
    const [id, seen] = element('feeder-1', 100);
    const now = image({ stepS, elements: new Map([[id, { ...seen, currentA, fresh }]]) });
    return watch.update(now, elements).get('feeder-1')?.share ?? 0;
  };
};

test('the relay watch predicts the cycle of the trip for any current', () => {
  for (const multiple of [1.25, 1.5, 2, 4, 10]) {
    const look = following();
    const plant = new OvercurrentRelay();
    for (let trips = false; !trips;) {
      trips = plant.step(multiple, 0.25);
      assert.equal(look(multiple * RATED_A, 0.25) >= 1, trips);
    }
  }
});

test('the relay watch resets below pick-up and keeps its state while the meter is silent', () => {
  const look = following();
  const progress = look(2 * RATED_A, 1);
  assert.ok(progress > 0.1 && progress < 0.5);
  assert.equal(look(2 * RATED_A, 1, false), progress);
  assert.equal(look(1.19 * RATED_A, 1), 0);
});
