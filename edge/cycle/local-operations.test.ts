import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeRig } from './testing/rig.ts';

test('a manual setpoint outside the ratings is refused with the valid range', async () => {
  const rig = await makeRig();
  await rig.run(3);
  const give = (setpoint: Record<string, number>): string => {
    const reply = rig.gateway.local({
      op: 'manual',
      on: true,
      device: 'battery-1',
      setpoint,
      forS: 60,
      reason: 'test',
    });
    return reply.ok ? 'taken' : `${reply.code}: ${reply.text}`;
  };
  assert.equal(
    give({ activePowerKw: 500 }),
    'LS-API-001: activePowerKw 500 is outside the ratings of battery-1: give -100 to 100',
  );
  assert.match(give({ activePowerLimitKw: 101 }), /give 0 to 100/);
  assert.match(give({ reactivePowerKvar: 1000 }), /reactivePowerKvar 1000 is outside/);
  assert.equal(give({ activePowerKw: -100 }), 'taken');
});

test('a local command without effect is refused with the reason', async () => {
  const rig = await makeRig();
  await rig.run(3);
  const give = (op: string, more: object = {}): string => {
    const reply = rig.gateway.local({ op, reason: 'test', ...more });
    return reply.ok ? 'taken' : `${reply.code}: ${reply.text}`;
  };
  const device = 'battery-1';
  const manual = (setpoint?: object): string => give('manual', { on: true, device, forS: 60, setpoint });
  assert.equal(manual({ activePowerLimitKw: 20 }), 'LS-DOC-005: battery-1 does not take activePowerLimitKw');
  assert.equal(manual({ activePowerKw: 20 }), 'taken');
  assert.equal(give('tag', { device }), 'taken');
  assert.equal(manual(), 'LS-CONTROL-007: battery-1 is tagged');
  assert.equal(give('manual', { on: false, device, forS: 60 }), 'taken');
  give('untag', { device });
  give('stop');
  assert.equal(manual({ activePowerKw: 20 }), 'LS-CONTROL-007: battery-1 is stopped');
  assert.equal(give('resume', { device }), 'LS-CONTROL-007: the whole gateway is stopped');
  assert.equal(give('resume'), 'taken');
  assert.equal(manual(), 'taken');
  assert.equal(give('manual', { on: true, device: 'ev-1', forS: 60 }), 'taken', 'the guard only binds the cloud');
  give('mode', { mode: 'monitor' });
  assert.equal(manual(), 'LS-CONTROL-007: battery-1 is watched only: its mode is monitor');
});
