import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { generateSigningKey, signDocument } from '../../shared/codec/signed-document.ts';
import { lockFolder } from '../../shared/lock/folder-lock.ts';
import { unwrap } from '../../shared/outcome/outcome.ts';
import { publicKeyOf, signKeyList } from '../../shared/pki/key-list.ts';
import { SimDisk } from '../../simulators/sim/sim-disk.ts';
import { parseConfig } from '../config/load.ts';
import { settingsDocument } from '../cycle/testing/documents.ts';
import { NodeDisk } from '../journal/node-disk.ts';
import { trustedKeys } from '../trusted-keys.ts';
import { Documents } from '../uplink/documents.ts';
import { KeyRing } from '../uplink/key-ring.ts';
import { RESET_FILE, resetToTell } from '../uplink/trust-reset.ts';
import { resetTrust } from './trust.ts';

const NOW = 1500;
const one = async () => generateSigningKey();

/** A cloud: its root, its document key, and what gateways pin of it. */
async function cloud(generation = 1) {
  const [root, key] = await Promise.all([one(), one()]);
  const keys = [publicKeyOf(key.publicKey)];
  const roles = { documents: keys, models: keys, online: keys, audit: keys };
  const list = await signKeyList(
    { version: 1, generation, issuedAt: NOW, root: publicKeyOf(root.publicKey), roles },
    root.privateKey,
  );
  return { root, key, pinned: JSON.stringify({ keys, root: publicKeyOf(root.publicKey), list }) };
}

async function site(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-trust-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [journal, file] = [join(folder, 'journal'), join(folder, 'trusted-keys.json')];
  mkdirSync(journal);
  const yaml = `gateway: { id: owd-01, substation: owd }\njournal: { path: ${journal} }\ntrust: { keysFile: ${file} }\n`;
  const config = parseConfig(yaml, 'gateway.yaml');
  /** The daemon's verdict on a cloud's settings after a start. */
  const meets = async ({ key }: Awaited<ReturnType<typeof cloud>>, sequence: number, epoch = 1): Promise<string> => {
    const disk = new NodeDisk(journal);
    const ring = new KeyRing(trustedKeys(file, []), disk);
    await ring.load();
    const documents = new Documents({ disk, gateway: 'owd-01', ring, now: () => NOW });
    const judged = await documents.receive(
      'settings',
      unwrap(await signDocument(settingsDocument(NOW, { mode: 'automatic' }, sequence, epoch), key.privateKey)),
    );
    return judged.kind === 'rejected' ? judged.fault.code : judged.kind;
  };
  const reset = (keysFile?: string) => resetTrust(config, { keysFile, who: 'anna', reason: 'new cloud', now: NOW });
  return { folder, journal, file, meets, reset };
}

test('after a trust reset a gateway follows the new cloud and forgets the documents of the old one', async (t) => {
  const { folder, journal, file, meets, reset } = await site(t);
  const [old, next] = [await cloud(9), await cloud()];
  writeFileSync(file, old.pinned);
  writeFileSync(join(journal, 'heartbeat.json'), '{}');
  assert.equal(await meets(old, 7, 900), 'accepted');
  assert.equal(await meets(next, 1), 'LS-DOC-001');
  const brought = join(folder, 'brought.json');
  writeFileSync(brought, next.pinned);
  const record = await reset(brought);
  assert.deepEqual(record.marks, ['settings (900, 7)']);
  assert.deepEqual([record.from, record.to], [old.root.publicKey.kid, next.root.publicKey.kid]);
  assert.equal(readFileSync(file, 'utf8'), next.pinned);
  assert.equal(statSync(file).mode & 0o777, 0o644, 'the service can read the file that root wrote');
  assert.equal(await meets(next, 1), 'accepted');
  assert.equal(await meets(old, 8, 900), 'LS-DOC-001');
  assert.ok(existsSync(join(journal, 'heartbeat.json')), 'unsigned heartbeats still do not count');
  const event = await resetToTell(new NodeDisk(journal), NOW);
  assert.equal(event?.severity, 'high');
  assert.match(event.text, /reset on site by anna: new cloud; the root is .+, and was .+settings \(900, 7\)/);
});

test('a trust reset without new keys clears only the marks', async (t) => {
  const { file, meets, reset } = await site(t);
  const own = await cloud();
  writeFileSync(file, own.pinned);
  assert.equal(await meets(own, 1, 900), 'accepted');
  assert.equal(await meets(own, 1), 'LS-DOC-002');
  const record = await reset();
  assert.equal(record.from, record.to);
  assert.equal(await meets(own, 1), 'accepted');
});

test('a trust reset fails with invalid keys or while the gateway runs', async (t) => {
  const { folder, journal, file, meets, reset } = await site(t);
  const [own, other] = [await cloud(), await cloud()];
  writeFileSync(file, own.pinned);
  assert.equal(await meets(own, 3), 'accepted');
  const brought = join(folder, 'brought.json');
  const { list: foreign } = JSON.parse(other.pinned) as { list: string };
  for (const text of ['', '{}', '{"keys":[]}', JSON.stringify({ ...JSON.parse(own.pinned), list: foreign })]) {
    writeFileSync(brought, text);
    await assert.rejects(reset(brought), { code: 'LS-KEY-002' }, text);
  }
  await assert.rejects(reset(join(folder, 'none.json')), { code: 'LS-CONFIG-003' });
  const running = lockFolder(journal, NOW);
  await assert.rejects(reset(), { code: 'LS-DATA-001' });
  running.release();
  assert.equal(await meets(own, 2), 'LS-DOC-002');
  assert.ok(!existsSync(join(journal, RESET_FILE)));
});

test('a trust reset is reported even if its record is unreadable', async () => {
  const disk = new SimDisk();
  assert.equal(await resetToTell(disk, NOW), undefined);
  await disk.replace(RESET_FILE, Buffer.from('{'));
  assert.match((await resetToTell(disk, NOW))?.text ?? '', /was reset on site/);
});
