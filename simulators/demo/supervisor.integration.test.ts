import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { until } from '../../shared/testing/until.ts';
import { Supervisor } from './supervisor.ts';

test('a process that cannot start is reported and retried, and the stop does not wait for it', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-supervisor-'));
  t.after(() => rmSync(folder, { recursive: true }));
  t.mock.property(process, 'execPath', join(folder, 'nowhere'));
  const exits: string[] = [];
  const { machine } = new SystemClock((error) => {
    throw error;
  });
  const supervisor = new Supervisor(machine, {
    onMessage: () => undefined,
    onExit: (name, how) => void exits.push(`${name} ${how}`),
    onFailed: () => undefined,
  });
  supervisor.setLine({ plantOriginMs: 0, monotonicOriginMs: 0, speed: 0 });
  supervisor.start({ name: 'cloud', role: 'cloud', config: 'none.yaml', logFile: join(folder, 'cloud.log') });
  await until('it was tried twice', () => exits.length > 1);
  assert.match(exits[0]!, /^cloud .*ENOENT/);
  await supervisor.stop();
  const count = exits.length;
  supervisor.start({ name: 'late', role: 'edge', config: 'none.yaml', logFile: join(folder, 'late.log') });
  await supervisor.stop();
  assert.equal(exits.length, count);
});
