import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
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

test('restore brings back identity and state but not the journal, and replaces nothing without --force', async () => {
  for (const part of ['etc', 'identity', 'journal/documents', 'journal/training', 'journal/measurements', 'usb'])
    mkdirSync(at(part), { recursive: true });
  const config = at('etc/gateway.yaml');
  const files: Record<string, string> = {
    'etc/gateway.yaml': `gateway: { id: owd-01, substation: owd }
trust: { keysFile: ${at('etc/keys.json')} }
uplink: { url: "mqtts://grid.example.net:8883", identity: ${at('identity')}, userFile: ${at('etc/uplink-user')}, proxy: "http://10.0.0.1:3128", proxyUserFile: ${at('etc/proxy-user')} }
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
    'identity/gateway.pem': `-----BEGIN PRIVATE KEY-----\n${'MIGHAgEAMBMGByqG'.repeat(8)}\n-----END PRIVATE KEY-----\n`,
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
  const passphrase = at('passphrase');
  writeFileSync(passphrase, 'a passphrase of the drill\n');
  const opens = ['--config', config, '--passphrase-file', passphrase];
  const made = await edge('backup', at('usb'), ...opens);
  assert.equal(made.code, 0, made.out);
  assert.match(made.out, /loadstone-owd-01\.backup\.json: 11 files of owd-01/);
  const file = at('usb/loadstone-owd-01.backup.json');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const whole = readFileSync(file, 'utf8');
  const { sealed } = JSON.parse(whole) as { readonly sealed: string };
  const bytes = Buffer.from(sealed, 'base64').toString('latin1');
  for (const text of Object.values(files)) {
    const packed = Buffer.from(text).toString('base64').slice(0, 12);
    for (const words of [text, packed])
      assert.ok(!whole.includes(words) && !bytes.includes(words), `unencrypted: ${text}`);
  }

  const refused = await edge('restore', at('usb'), ...opens);
  assert.deepEqual([refused.code, /LS-BACKUP-002: .*--force replaces it/.test(refused.out)], [1, true], refused.out);
  for (const part of ['etc', 'identity', 'journal']) rmSync(at(part), { recursive: true });
  const other = at('other');
  writeFileSync(other, 'another passphrase\n');
  const closed = await edge('restore', at('usb'), '--config', config, '--passphrase-file', other);
  assert.deepEqual([closed.code, /LS-BACKUP-003: .*cannot be decrypted/.test(closed.out)], [1, true], closed.out);
  assert.ok(!existsSync(at('etc')) && !existsSync(at('identity')), 'nothing was restored');
  const back = await edge('restore', at('usb'), ...opens);
  assert.equal(back.code, 0, back.out);
  for (const [name, text] of Object.entries(files)) assert.equal(readFileSync(at(name), 'utf8'), text, name);
  assert.equal(existsSync(at('journal/measurements')), false);
  for (const own of ['identity/gateway.pem', 'etc/uplink-user', 'journal/state.json', 'journal/training/update.json'])
    assert.equal(statSync(at(own)).mode & 0o777, 0o600, own);

  const lock = lockFolder(at('journal'), Date.UTC(2026, 10, 27));
  const held = await edge('restore', at('usb'), ...opens, '--force');
  assert.deepEqual([held.code, /LS-DATA-001: .*journal is in use by /.test(held.out)], [1, true], held.out);
  lock.release();

  const broken: [string, RegExp][] = [
    [whole.slice(0, 200), /LS-BACKUP-001: .*not JSON/],
    [whole.replace('"sealed":"TFNL', '"sealed":"TFNM'), /LS-BACKUP-001: .*is damaged/],
    ['{"version":1,"files":[]}', /LS-BACKUP-001: .*is not encrypted/],
  ];
  for (const [text, why] of broken) {
    assert.notEqual(text, whole);
    writeFileSync(file, text);
    const { code, out } = await edge('restore', file, ...opens, '--force');
    assert.deepEqual([code, why.test(out)], [1, true], out);
  }
  const nowhere = await edge('backup', at('not-mounted'), ...opens);
  assert.match(nowhere.out, /is not a folder; is the drive mounted/);
});

test('an unencrypted backup of an older version is restored only with --unencrypted', async () => {
  const config = at('older/gateway.yaml');
  const entry = (kind: string, name: string, text: string): object => ({
    kind,
    name,
    sha256: createHash('sha256').update(text).digest('hex'),
    base64: Buffer.from(text).toString('base64'),
  });
  const yaml = `gateway: { id: owd-01, substation: owd }\njournal: { path: ${at('older/journal')} }\n`;
  const older = (name: string, state: string): string =>
    JSON.stringify({
      version: 1,
      gateway: 'owd-01',
      software: '0.1.0',
      madeAt: 1,
      files: [entry('config', 'config', yaml), { ...entry('state', name, '{}'), base64: state }],
    });
  const file = at('older.backup.json');
  const restore = (): Promise<{ code: number; out: string }> =>
    edge('restore', file, '--config', config, '--unencrypted');
  const broken: [string, RegExp][] = [
    [older('state.json', 'e30x'), /LS-BACKUP-001: .*older\.backup\.json: state\.json is damaged/],
    [older('../../etc/passwd', 'e30='), /LS-BACKUP-001/],
  ];
  for (const [text, why] of broken) {
    writeFileSync(file, text);
    const { code, out } = await restore();
    assert.deepEqual([code, why.test(out)], [1, true], out);
  }
  writeFileSync(file, older('state.json', 'e30='));
  const { code, out } = await restore();
  assert.equal(code, 0, out);
  assert.equal(readFileSync(at('older/journal/state.json'), 'utf8'), '{}');
});
