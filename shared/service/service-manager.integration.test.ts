import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { until } from '../testing/until.ts';
import { debianTool } from '../../simulators/testing/debian.ts';
import { serviceManager } from './service-manager.ts';

test('the helper reaches a systemd-style socket, and reports nothing if there is none', async (t) => {
  const failed: unknown[] = [];
  const onFailure = (error: unknown): void => void failed.push(error);
  assert.equal(serviceManager({}, onFailure), undefined);
  const path = join(mkdtempSync(join(tmpdir(), 'loadstone-notify-')), 'notify');
  const socat = debianTool('socat');
  const listener = spawn(socat.path, ['-u', `UNIX-RECV:${path}`, '-'], {
    env: socat.env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  t.after(() => listener.kill());
  let heard = '';
  listener.stdout.on('data', (bytes: Buffer) => (heard += bytes.toString()));
  await until('the listener is up', () => existsSync(path));
  const { path: notify, env } = debianTool('systemd-notify');
  const PATH = `${dirname(notify)}:${env['PATH']}`;
  const manager = serviceManager({ ...env, PATH, NOTIFY_SOCKET: path, WATCHDOG_USEC: '60000000' }, onFailure);
  assert.equal(manager?.everyMs, 20_000);
  for (const state of ['READY=1', 'WATCHDOG=1']) {
    manager.notify(state);
    await until(
      () => `${state}: ${heard}; ${String(failed[0])}`,
      () => heard.includes(state),
    );
  }
});
