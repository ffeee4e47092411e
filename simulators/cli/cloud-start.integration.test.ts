import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildRegion } from '../region/region.ts';

const LAUNCHER = join(import.meta.dirname, '..', '..', 'deploy', 'loadstone.mjs');

for (const key of ['uplink.plainPort', 'api.port'])
  test(`a cloud whose ${key} is taken reports it and exits`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'loadstone-start-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const holder = createServer().listen(0, '127.0.0.1');
    t.after(() => holder.close());
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    writeFileSync(join(folder, 'region.json'), JSON.stringify(buildRegion(['owd'])));
    writeFileSync(join(folder, 'users.htpasswd'), '');
    // The other port may be any free one.
    const ports = { 'uplink.plainPort': 0, 'api.port': 0, [key]: port };
    writeFileSync(
      join(folder, 'cloud.yaml'),
      `region: ${folder}/region.json\ndata: ${folder}/data\n` +
        `uplink: { plainPort: ${ports['uplink.plainPort']}, usersFile: ${folder}/users.htpasswd }\napi: { port: ${ports['api.port']} }\n`,
    );
    // With an IPC channel, as under the demo's supervisor: it must not keep the process alive.
    const channel = key === 'api.port' ? [] : (['ipc'] as const);
    const cloud = spawn(process.execPath, [LAUNCHER, 'cloud', '--config', join(folder, 'cloud.yaml')], {
      stdio: ['ignore', 'pipe', 'pipe', ...channel],
    });
    t.after(() => cloud.kill('SIGKILL'));
    let said = '';
    for (const stream of [cloud.stdout!, cloud.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => (said += text));
    const [code] = (await once(cloud, 'close')) as [number | null];
    assert.equal(code, 1, said);
    assert.match(
      said,
      new RegExp(
        `LS-PORT-001: port ${port} on 127\\.0\\.0\\.1 is in use by .*\\(pid ${process.pid}\\); choose another for ${key}`,
      ),
    );
    assert.doesNotMatch(said, /one-time password/, 'the password is printed only once, so an unused one would be lost');
  });
