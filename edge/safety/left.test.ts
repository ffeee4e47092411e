import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyGuardState, type GuardState } from '../control/safety-memory.ts';
import type { GuardLever, WatchedValue } from './guard-types.ts';
import { guard, type GuardCycle } from './guard.ts';

const settings = { responseS: 3, marginPct: 1, releaseKwPerS: 5 };
const head: WatchedValue = {
  id: 'transformer-power',
  element: 'transformer',
  quantity: 'activePowerKw',
  min: -1000,
  max: 1000,
  value: 1500,
  perKw: new Map([['battery-1', 1]]),
  perKvar: new Map(),
  mapped: true,
};
const battery: GuardLever = {
  key: 'battery-1:p',
  device: 'battery-1',
  kind: 'p',
  value: 0,
  ageS: 0,
  commanded: 0,
  span: { minKw: -400, maxKw: 400 },
  moves: 'both',
  safe: 0,
  cost: 1,
};

const left = (
  limits: readonly WatchedValue[],
  {
    lever = battery,
    state = emptyGuardState(),
    ...more
  }: Partial<GuardCycle> & { lever?: GuardLever; state?: GuardState } = {},
): string | undefined => {
  const { interventions } = guard(limits, [lever], state, { settings, stepS: 1, ...more });
  const found = interventions.find(({ limit }) => limit === head.id);
  assert.ok(found !== undefined && found.met < 0.999, 'the levers do not suffice');
  return found.left;
};

test('nothing is left when the levers give all that they have', () => {
  assert.equal(left([head]), undefined);
});

test('relief held back by a voltage limit is left because of another limit', () => {
  const terminal: WatchedValue = {
    id: 'battery-1-voltage',
    element: 'battery-1',
    quantity: 'voltagePu',
    min: 0.94,
    max: 1.06,
    value: 1.059,
    perKw: new Map([['battery-1', -0.0001]]),
    perKvar: new Map(),
    mapped: true,
  };
  assert.equal(left([terminal, head]), 'limit');
  assert.equal(left([{ ...terminal, value: 1 }, head]), undefined, 'far from its limit the voltage holds back nothing');
});

test('the reserve of a battery is left for an agreed limit, in both lists of limits', () => {
  const spare = { ...battery, span: { minKw: -50, maxKw: 400 } };
  assert.equal(left([{ ...head, spares: true }], { spare: [spare] }), 'reserve');
  assert.equal(left([head], { lever: spare, whole: [battery] }), 'reserve');
});

test('a lever that does not follow is left as lost, one found without effect as found', () => {
  const bound = { min: null, max: -300, minBy: null, maxBy: head.id, missS: 20, gap: 300 };
  assert.equal(left([head], { state: { bounds: { 'battery-1:p': bound }, pending: {} } }), 'lost');
  const finding = { element: 'transformer', lever: 'battery-1:p', verdict: 'none' as const, leftS: 100 };
  const below = { ...head, max: 1400 };
  assert.equal(left([below], { state: { bounds: {}, pending: {}, findings: [finding] } }), 'found');
});
