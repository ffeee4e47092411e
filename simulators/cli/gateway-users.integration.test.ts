import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import mqtt, { type MqttClient } from 'mqtt';
import { gatewayUserLine } from '../../cloud/ingest/gateway-users.ts';
import { until } from '../../shared/testing/until.ts';
import { buildRegion } from '../region/region.ts';

const LAUNCHER = join(import.meta.dirname, '..', '..', 'deploy', 'loadstone.mjs');

/** A folder with a region and a configuration whose cloud picks free ports; `users` becomes the default users file. */
function stage({ users, uplink = '' }: { readonly users?: string; readonly uplink?: string }): string {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-users-'));
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'region.json'), JSON.stringify(buildRegion(['owd', 'wls', 'mnzl'])));
  if (users !== undefined) writeFileSync(join(folder, 'data', 'users.htpasswd'), users);
  writeFileSync(
    join(folder, 'cloud.yaml'),
    `region: ${folder}/region.json\ndata: ${folder}/data\nuplink: { plainPort: 0${uplink} }\napi: { port: 0, guests: true }\n`,
  );
  return folder;
}

interface Started {
  readonly process: ChildProcess;
  /** Output so far. */
  readonly said: () => string;
}

function start(t: TestContext, folder: string): Started {
  const cloud = spawn(process.execPath, [LAUNCHER, 'cloud', '--config', join(folder, 'cloud.yaml')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(async () => {
    const closed = once(cloud, 'close');
    if (cloud.kill('SIGTERM')) await closed;
    rmSync(folder, { recursive: true });
  });
  let said = '';
  for (const stream of [cloud.stdout, cloud.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  return { process: cloud, said: () => said };
}

/** Waits for a match in the cloud's output; returns its first group. */
function hears({ process: cloud, said }: Started, what: RegExp): Promise<string> {
  return until(said, () => {
    const found = what.exec(said());
    if (found === null && cloud.exitCode !== null) return 'nothing: the cloud has exited';
    return found?.[1] ?? found?.[0];
  });
}

for (const [name, uplink] of [
  ['the default file', ''],
  ['a named file', ', usersFile: /nowhere/users'],
] as const)
  test(`a cloud does not start without ${name} of gateway users`, { timeout: 120_000 }, async (t) => {
    const cloud = start(t, stage({ uplink }));
    const listening = hears(cloud, /uplinks on/);
    const ended = once(cloud.process, 'close');
    assert.notEqual(await Promise.race([listening, ended]), 'uplinks on', 'it admits any client');
    await ended;
    assert.equal(cloud.process.exitCode, 2);
    assert.match(cloud.said(), /LS-CONFIG-003: uplink\.usersFile: there is no file \//);
    assert.doesNotMatch(cloud.said(), /one-time password/, 'a failed start creates no first admin');
  });

async function connect(port: string, gateway: string): Promise<MqttClient> {
  const password = `secret of ${gateway}`;
  const client = await mqtt.connectAsync(
    `mqtt://127.0.0.1:${port}`,
    { clientId: gateway, username: gateway, password, reconnectPeriod: 0 },
    false,
  );
  client.on('error', () => undefined);
  return client;
}

const closing = (client: MqttClient): Promise<void> => new Promise((resolve) => client.once('close', () => resolve()));

const comesIn = (port: string, gateway: string): Promise<boolean> =>
  connect(port, gateway).then(
    async (client) => {
      await client.endAsync();
      return true;
    },
    () => false,
  );

test('sessions end soon after the user file changes, but a broken file ends none', { timeout: 240_000 }, async (t) => {
  const lines = await Promise.all(['owd-01', 'wls-01', 'mnzl-01'].map((id) => gatewayUserLine(id, `secret of ${id}`)));
  const [owd = '', wls = '', mnzl = ''] = lines;
  const folder = stage({ users: `${lines.join('\n')}\n` });
  const file = join(folder, 'data', 'users.htpasswd');
  const replace = (text: string): void => {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  };
  const cloud = start(t, folder);
  const port = await hears(cloud, /uplinks on 127\.0\.0\.1:(\d+)/);
  const url = await hears(cloud, /cloud: (http:\S+)/);
  const stays = await connect(port, 'owd-01');
  const removed = await connect(port, 'wls-01');
  const changed = await connect(port, 'mnzl-01');

  const ends = Promise.all([closing(removed), closing(changed)]);
  replace(`${owd}\n${await gatewayUserLine('mnzl-01', 'another secret')}\n`);
  await ends;
  assert.ok(stays.connected);
  assert.equal(await comesIn(port, 'wls-01'), false, 'removed');
  assert.equal(await comesIn(port, 'mnzl-01'), false, 'with the old password');

  const alarms = async (): Promise<string[]> => {
    const answer = await fetch(`${url}/v1/alarms`);
    const { items } = (await answer.json()) as { items: { code: string; state: string }[] };
    return items
      .filter((item) => item.code === 'LS-INGEST-020' && item.state === 'unacknowledged')
      .map(({ code }) => code);
  };
  replace(`${wls}\nmnzl-01: not a hash\n`);
  await until('the alarm', async () => (await alarms()).length > 0);
  assert.ok(stays.connected, 'an unreadable file ends no session');
  assert.equal(await comesIn(port, 'wls-01'), false, 'and admits no client');

  replace(`${owd}\n${wls}\n${mnzl}\n`);
  await until('the end of the alarm', async () => (await alarms()).length === 0);
  assert.equal(await comesIn(port, 'wls-01'), true, 'a new line counts without a restart');
  assert.ok(stays.connected);

  const last = closing(stays);
  replace('');
  await last;
  assert.equal(await comesIn(port, 'owd-01'), false, 'an empty file admits no client');
});
