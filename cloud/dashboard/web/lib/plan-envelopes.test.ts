import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlanBody } from '../../../../shared/contracts/plan.ts';
import { envelopeGroups, leadSteps } from './plan-envelopes.ts';
import { onTimes } from '../../../../shared/time/on-times.ts';
import { partsAt } from './plan-steps.ts';

const range = (minKw: number, maxKw: number): { minKw: number; maxKw: number }[] => [{ minKw, maxKw }];
const HOUR_MS = 3_600_000;

const plan = (over: Partial<PlanBody>): PlanBody =>
  ({
    horizon: { start: 0, stepsS: [900, 900, 1800, 3600, 3600] },
    devices: [
      { device: 'pv-1', envelope: range(-50, 0), reasons: [] },
      { device: 'tap-1', reasons: [] },
      { device: 'battery-1', envelope: range(-40, 40), reasons: [] },
      { device: 'ev-1', envelope: range(0, 90), reasons: [] },
      { device: 'flex-1', envelope: range(10, 30), reasons: [] },
    ],
    ...over,
  }) as PlanBody;

test('a shared connection point lists its joint envelope before those of its devices; lone devices are separate', () => {
  const connectionPoints = [
    { id: 'cp-elsewhere', devices: ['pv-9', 'pv-8'], envelope: range(-9, 0), meter: range(-9, 0) },
    { id: 'cp-ev', devices: ['ev-1'], envelope: range(0, 90), meter: range(5, 95) },
    { id: 'cp-shared', devices: ['pv-1', 'battery-1'], envelope: range(-60, 40), meter: range(-58, 42) },
  ];
  const groups = envelopeGroups(plan({ envelope: range(-80, 120), connectionPoints }));
  assert.deepEqual(
    groups.map(({ id, rows }) => [id, ...rows.map(({ kind, id: of }) => `${kind} ${of}`)]),
    [
      ['all', 'all all'],
      ['cp-shared', 'point cp-shared', 'device pv-1', 'device battery-1', 'meter cp-shared meter'],
      ['cp-ev', 'device ev-1', 'meter cp-ev meter'],
      ['flex-1', 'device flex-1'],
    ],
  );
  assert.deepEqual(envelopeGroups(plan({ devices: [] })), []);
});

test('steps are chosen by lead time, up to the end of the plan', () => {
  assert.deepEqual(leadSteps(plan({}), 60_000), [
    { step: 0, leadMs: 0 },
    { step: 3, leadMs: HOUR_MS - 60_000 },
  ]);
  assert.deepEqual(leadSteps(plan({}), 9 * HOUR_MS), []);
});

test('the value of a step holds until the next one; outside the horizon there is none', () => {
  const { horizon } = plan({});
  const times = [-1, 0, 899_999, 900_000, 3 * HOUR_MS - 1, 3 * HOUR_MS];
  assert.deepEqual(onTimes(horizon, times, [1, 2, null, 4, 5]), [null, 1, 1, 2, 5, null]);
});

test('the parts in force are shown: the first before, the next between, the last after', () => {
  const parts = [
    { fromStep: 6, toStep: 8 },
    { fromStep: 1, toStep: 2 },
    { fromStep: 2, toStep: 3 },
  ];
  const shown = (step: number) => partsAt(parts, step).map(({ fromStep }) => fromStep);
  assert.deepEqual([-1, 1, 2, 4, 8, 9].map(shown), [[1], [1], [1, 2], [6], [6], [6]]);
  assert.deepEqual(partsAt([], 3), []);
});
