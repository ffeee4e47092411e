import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseConfig } from './load.ts';
import { assertSealed, plainUplink } from './plain-uplink.ts';

const read = (uplink: string, journal = '/nowhere') =>
  parseConfig(
    `gateway: { id: owd-01, substation: owd }\nuplink: { ${uplink} }\njournal: { path: ${journal} }\n`,
    'gateway.yaml',
  );
const file = 'userFile: /etc/loadstone/uplink';

test('an unencrypted password to another machine is reported with the remedy', () => {
  for (const url of [
    'mqtt://grid.example.net:1883',
    'ws://grid.example.net/mqtt',
    'mqtt://192.0.2.1',
    'mqtt://[2001:db8::1]',
  ])
    assert.match(
      plainUplink(read(`url: "${url}", ${file}`)) ?? '',
      /^uplink\.url: .*password.*unencrypted.*mqtts:\/\/.*edge enrol.*uplink\.allowPlain/,
      url,
    );
  for (const url of [
    'mqtts://grid.example.net',
    'wss://grid.example.net/mqtt',
    'mqtt://127.0.0.1',
    'mqtt://localhost',
    'mqtt://[::1]:1883',
  ])
    assert.equal(plainUplink(read(`url: "${url}", ${file}`)), undefined, url);
  assert.equal(plainUplink(read('url: mqtt://grid.example.net')), undefined, 'there is no password');
  assert.equal(
    plainUplink(read(`url: mqtt://grid.example.net, ${file}, allowPlain: true`)),
    undefined,
    'it is allowed',
  );
});

test('a new gateway refuses to send its password unencrypted; one that already ran this way starts', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ls-plain-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const config = read(`url: mqtt://grid.example.net, ${file}`, folder);
  assert.throws(() => assertSealed(config), { code: 'LS-CONFIG-002', message: /unencrypted.*edge enrol/ });
  assert.throws(() => assertSealed(read(`url: mqtt://grid.example.net, ${file}`)), { code: 'LS-CONFIG-002' });
  writeFileSync(join(folder, 'state.json'), '{}');
  assertSealed(config);
  // A path that cannot be listed, whatever user runs the test.
  assertSealed(read(`url: mqtt://grid.example.net, ${file}`, join(folder, 'state.json')));
});
