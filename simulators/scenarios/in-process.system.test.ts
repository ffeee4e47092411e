import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../shared/testing/until.ts';
import { RunningDemo, withDemo } from './testing/running-demo.ts';

test('the region runs in one process: gateways connected, plans in force, clean exit', async () => {
  await withDemo({ substations: ['hal', 'owd'], inProcess: true, history: false }, async (demo) => {
    await until('both gateways hold a plan', async () => {
      const all = await Promise.all(['hal-01', 'owd-01'].map((id) => demo.gateway(id)));
      return all.every(({ link, health }) => link.state === 'up' && health?.plan.inForce === true);
    });
    const own = demo.processes().filter(({ command }) => /\b(cloud|edge)\b.*--config/.test(command));
    assert.deepEqual(own, [], 'cloud or gateway runs in a separate process');
  });
});

test('in one process a cloud that cannot start ends the demo with the reason', async () => {
  const data = mkdtempSync(join(tmpdir(), 'loadstone-demo-'));
  mkdirSync(join(data, 'cloud'));
  writeFileSync(join(data, 'cloud', 'state.sqlite'), 'no database');
  const demo = await RunningDemo.start({ data, substations: ['hal'], inProcess: true, history: false });
  try {
    await assert.rejects(demo.ready(120), /the demo exited before it was up[^]*file is not a database/);
  } finally {
    demo.close();
  }
});
