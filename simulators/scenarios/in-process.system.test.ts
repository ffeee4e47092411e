import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../shared/testing/until.ts';
import { withDemo } from './testing/running-demo.ts';

test('the region also runs in one process: gateways linked, plans in force, clean exit', async () => {
  await withDemo({ substations: ['hal', 'owd'], inProcess: true }, async (demo) => {
    await until('both gateways hold a plan', async () => {
      const all = await Promise.all(['hal-01', 'owd-01'].map((id) => demo.gateway(id)));
      return all.every(({ link, health }) => link.state === 'up' && health?.plan.inForce === true);
    });
    const own = demo.processes().filter(({ command }) => /\b(cloud|edge)\b.*--config/.test(command));
    assert.deepEqual(own, [], 'cloud or gateway run in a process of their own');
  });
});
