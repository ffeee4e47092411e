import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import { ActiveAlarms } from './active-alarms.ts';

const alarm = (code: string, active: boolean, device = 'pv-1'): LoadstoneEvent => ({
  time: 0,
  kind: 'alarm',
  severity: 'high',
  code,
  text: code,
  device,
  active,
});

test('an alarm stands from its rise to its fall, once, and apart for each device', () => {
  const alarms = new ActiveAlarms();
  const steps: [LoadstoneEvent, boolean, number][] = [
    [alarm('LS-CONTROL-003', true), true, 1],
    [alarm('LS-CONTROL-003', true), false, 1],
    [alarm('LS-CONTROL-003', true, 'pv-2'), true, 2],
    [alarm('LS-CONTROL-003', false), true, 1],
    [alarm('LS-CONTROL-003', false), false, 1],
    [{ ...alarm('LS-CONTROL-002', true), kind: 'event' }, false, 1],
  ];
  for (const [event, changed, standing] of steps) {
    assert.equal(alarms.take('owd-01', event), changed);
    assert.equal(alarms.count('owd-01'), standing);
  }
  assert.equal(alarms.count('whf-01'), 0);
  assert.equal(alarms.stands('owd-01', 'LS-CONTROL-003', 'pv-2'), true);
});
