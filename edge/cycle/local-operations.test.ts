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
