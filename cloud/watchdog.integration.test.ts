import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { until } from '../shared/testing/until.ts';
import { testRegion } from './plan/testing/fixture.ts';

const CLI = join(import.meta.dirname, '..', 'deploy', 'cli.ts');

test('the cloud notifies its service manager of start, liveness and stop', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ls-watchdog-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const data = join(folder, 'data');
  for (const each of [data, join(folder, 'bin')]) mkdirSync(each);
  writeFileSync(join(data, 'users.htpasswd'), '');
  writeFileSync(join(folder, 'region.json'), JSON.stringify(testRegion('owd')));
  const config = join(folder, 'cloud.yaml');
  writeFileSync(config, `region: ${folder}/region.json\ndata: ${data}\napi: { port: 0 }\nuplink: { plainPort: 0 }\n`);
  // Stands in for systemd's helper; a file stands in for its socket.
  const told = join(folder, 'told');
  writeFileSync(join(folder, 'bin', 'systemd-notify'), '#!/bin/sh\necho "$1" >> "$NOTIFY_SOCKET"\n', { mode: 0o755 });
  const env = {
    ...process.env,
    PATH: `${join(folder, 'bin')}${delimiter}${process.env['PATH']}`,
    NOTIFY_SOCKET: told,
    WATCHDOG_USEC: '900000',
  };
  const cloud = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', CLI, 'cloud', '--config', config], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(cloud, 'close');
  t.after(() => cloud.kill('SIGKILL'));
  let said = '';
  cloud.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  const states = (): string[] => (existsSync(told) ? readFileSync(told, 'utf8').trim().split('\n') : []);
  await until('the first ones', () => states().filter((state) => state === 'WATCHDOG=1').length >= 2);
  assert.equal(states()[0], 'READY=1');
  assert.match(said, /Loadstone cloud: http/, 'it is up before it notifies');
  cloud.kill('SIGTERM');
  await ended;
  await until('the end', () => states().at(-1) === 'STOPPING=1');
});
