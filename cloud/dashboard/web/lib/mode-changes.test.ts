import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeskView } from '../../../../shared/contracts/desk.ts';
import type { FeederMode } from '../../../../shared/contracts/ids.ts';
import { modePlan } from './mode-changes.ts';

const substation = (id: string, modes: readonly (FeederMode | null)[], gatewayLink: 'up' | 'down' = 'up') => ({
  id,
  name: id,
  gateway: `${id}-01`,
  gatewayLink,
  stopped: false,
  emergencyUntil: null,
  plan: null,
  feeders: modes.map((mode, index) => ({
    id: `${id}-${index + 1}`,
    name: `Feeder ${index + 1}`,
    mode,
    devices: 1,
    stopped: 0,
    tagged: 0,
    emergencyUntil: null,
  })),
});
const view: DeskView = {
  region: 'north',
  substations: [substation('owd', ['automatic', 'manual']), substation('whf', ['automatic', null], 'down')],
};
const ALL = ['substation:owd', 'feeder:owd-1', 'feeder:owd-2', 'substation:whf', 'feeder:whf-1', 'feeder:whf-2'];

test('if nobody else holds a part, the region is set as one; an unknown mode counts as a change', () => {
  const plan = modePlan(view, 'manual', new Set(ALL));
  assert.deepEqual(plan.targets, ['region:north']);
  assert.deepEqual(
    plan.changes.map(({ feeder, from }) => [feeder, from]),
    [
      ['owd-1', 'automatic'],
      ['whf-1', 'automatic'],
      ['whf-2', null],
    ],
  );
  assert.deepEqual([plan.unchanged, plan.others, plan.unreached], [1, 0, ['whf']]);
});

test('if others hold a part, reachable feeders are set one by one', () => {
  const plan = modePlan(view, 'manual', new Set(['feeder:owd-1', 'feeder:owd-2', 'feeder:whf-1']));
  assert.deepEqual(plan.targets, ['feeder:owd-1']);
  assert.deepEqual([plan.unchanged, plan.others, plan.unreached], [1, 1, ['whf']]);
});

test('nothing is requested if nothing changes or others hold all', () => {
  const same = { ...view, substations: [substation('owd', ['manual'])] };
  assert.deepEqual(modePlan(same, 'manual', new Set(['substation:owd', 'feeder:owd-1'])).targets, []);
  assert.deepEqual(modePlan(view, 'monitor', new Set()).targets, []);
});
