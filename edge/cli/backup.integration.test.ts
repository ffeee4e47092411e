import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { lockFolder } from '../../shared/lock/folder-lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'ls-backup-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const at = (...parts: string[]): string => join(folder, ...parts);

async function edge(...args: string[]): Promise<{ code: number; out: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../deploy/loadstone.mjs'), 'edge', ...args]);
  let out = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (out += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, out };
}

test('backup and restore: identity and memory return, the journal does not, nothing is replaced unasked', async () => {
  for (const part of ['etc', 'journal/documents', 'journal/training', 'journal/measurements', 'usb'])
    mkdirSync(at(part), { recursive: true });
  const config = at('etc/gateway.yaml');
  const files: Record<string, string> = {
    'etc/gateway.yaml': `gateway: { id: owd-01, substation: owd }
trust: { keysFile: ${at('etc/keys.json')} }
uplink: { userFile: ${at('etc/uplink-user')}, proxy: "http://10.0.0.1:3128", proxyUserFile: ${at('etc/proxy-user')} }
forecast: { historyFile: ${at('etc/history.json')} }
journal: { path: ${at('journal')} }
devices:
  - id: ev-1
    type: ev-site
    driver: ocpp
    connectionPoint: { id: cp-1, floorKw: 4.2, authority: guard }
    connection: { listen: "127.0.0.1:9000", chargers: [cp-01], userFile: ${at('etc/ev-1-users')} }
    ratings: { activePowerKw: 22 }
    safeDefault: { activePowerKw: 4.2 }
`,
    'etc/keys.json': '{"keys":[]}',
    'etc/uplink-user': 'owd-01:secret',
    'etc/proxy-user': 'site:other',
    'etc/ev-1-users': 'cp-01:scrypt$00$00',
    'etc/history.json': '{"start":0,"stepS":900,"values":[]}',
    'journal/state.json': '{"version":1}',
    'journal/uplink.json': '{"bdSeq":4}',
    'journal/documents/plan.json': '{"epoch":3,"sequence":9}',
    'journal/training/update.json': '{"round":2}',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(at(name), text);
  writeFileSync(at('journal/measurements/0.seg'), 'frames');

  writeFileSync(at('usb/loadstone-owd-01.backup.json'), 'an older one', { mode: 0o644 });
  const made = await edge('backup', at('usb'), '--config', config);
  assert.equal(made.code, 0, made.out);
  assert.match(made.out, /loadstone-owd-01\.backup\.json: 10 files of owd-01/);
  const file = at('usb/loadstone-owd-01.backup.json');
  assert.equal(statSync(file).mode & 0o777, 0o600);

  const refused = await edge('restore', at('usb'), '--config', config);
  assert.deepEqual([refused.code, /LS-BACKUP-002: .*--force replaces it/.test(refused.out)], [1, true], refused.out);
  for (const part of ['etc', 'journal']) rmSync(at(part), { recursive: true });
  const back = await edge('restore', at('usb'), '--config', config);
  assert.equal(back.code, 0, back.out);
  for (const [name, text] of Object.entries(files)) assert.equal(readFileSync(at(name), 'utf8'), text, name);
  assert.equal(existsSync(at('journal/measurements')), false);
  for (const own of ['etc/uplink-user', 'journal/state.json', 'journal/training/update.json'])
    assert.equal(statSync(at(own)).mode & 0o777, 0o600, own);

  const lock = lockFolder(at('journal'), Date.UTC(2026, 10, 27));
  const held = await edge('restore', at('usb'), '--config', config, '--force');
  assert.deepEqual([held.code, /LS-DATA-001: .*journal is in use by /.test(held.out)], [1, true], held.out);
  lock.release();

  const whole = readFileSync(file, 'utf8');
  const broken: [string, RegExp][] = [
    [whole.slice(0, 200), /no JSON/],
    [whole.replace('"base64":"e', '"base64":"f'), /is damaged/],
    [whole.replaceAll('"name":"state.json"', '"name":"../../etc/passwd"'), /LS-BACKUP-001/],
  ];
  for (const [text, why] of broken) {
    assert.notEqual(text, whole);
    writeFileSync(file, text);
    const { code, out } = await edge('restore', file, '--config', config, '--force');
    assert.deepEqual([code, why.test(out)], [1, true], out);
  }
  const nowhere = await edge('backup', at('not-mounted'), '--config', config);
  assert.match(nowhere.out, /is no folder; is the drive mounted/);
});
