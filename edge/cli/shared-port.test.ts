import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { RIG_YAML } from '../cycle/testing/rig.ts';
import { SocketServer } from '../local/socket-server.ts';
import { runScan } from './scan.ts';

test('a scan of a serial port that the running gateway polls is refused, by whatever name', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ls-port-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [config, socket] = ['gateway.yaml', 'edge.sock'].map((name) => join(folder, name));
  const meter = /meter: \{ driver: mqtt, read: \{ activePowerKw: \{ topic: f\/p \}, staleAfterS: 3 \} \}/;
  assert.match(RIG_YAML, meter);
  const yaml = RIG_YAML.replace(meter, 'meter: { driver: sunspec, serial: /dev/null }');
  writeFileSync(config!, `${yaml}socket: { path: ${socket} }\n`);
  const asked: unknown[] = [];
  const scan = (port: string): Promise<number> =>
    runScan([port, '--config', config!, '--timeout', '1'], (address, handlers) => {
      asked.push(address);
      queueMicrotask(() => handlers.onClose('no device'));
      return { write: () => undefined, close: () => undefined };
    });
  const server = new SocketServer(socket!, () => ({ ok: true, text: '' }));
  await server.start();
  for (const port of ['/dev/null', '/dev/./null'])
    await assert.rejects(scan(port), {
      code: 'LS-PORT-001',
      message: /the running gateway polls .*stop it for the scan/,
    });
  assert.deepEqual(asked, []);
  await scan('/dev/zero');
  await server.stop();
  await scan('/dev/null');
  assert.equal(asked.length, 2);
});
