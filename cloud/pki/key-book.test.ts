import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { generateSigningKey, publicHalf, type SigningKey } from '../../shared/codec/signed-document.ts';
import { unwrap } from '../../shared/outcome/outcome.ts';
import { followKeyLists, keyRoles, readPinnedKeys, signKeyList, verifyKeyList } from '../../shared/pki/key-list.ts';
import { AuditSeal } from '../audit/audit-entry.ts';
import { AuditLog, checkpointFile } from '../audit/audit-log.ts';
import { canonicalJson } from '../audit/canonical-json.ts';
import { withVouchedFor } from '../audit/former-keys.ts';
import { verifyAudit } from '../audit/verify-audit.ts';
import { KeyBook } from './key-book.ts';
import { keyFiles, keyIn, makeKeys, readKey } from './key-files.ts';
import { handedOver, importList, listToSign, replaceLostRoot, rotateRole, sameKeys } from './rotate-keys.ts';

const NOW = 1_700_000_000_000;

function folderIn(t: TestContext): string {
  const data = mkdtempSync(join(tmpdir(), 'loadstone-keys-'));
  t.after(() => rmSync(data, { recursive: true }));
  return data;
}

async function acts(file: string, by: { key: SigningKey; former?: readonly SigningKey[] }, count: number) {
  const log = new AuditLog({ file, ...by, now: () => NOW, onFailure: assert.fail });
  const { broken } = await log.open();
  for (let act = 0; act < count; act++) await log.append({ who: 'anna', what: `act ${act}`, outcome: 'done' });
  await log.close();
  return broken;
}

/** Verifies like "loadstone audit verify", by the keys laid out for gateways. */
async function problem(data: string, file = join(data, 'audit.jsonl')): Promise<string> {
  const { pinned } = unwrap(readPinnedKeys(readFileSync(keyFiles(data).pinned, 'utf8')));
  const { audit } = unwrap(await verifyKeyList(pinned!.list, [pinned!.root])).roles;
  const checkpoints = [readFileSync(checkpointFile(file), 'utf8')];
  const found = verifyAudit({ log: readFileSync(file), checkpoints, keys: audit, current: audit[0]!.kid });
  return found.problem?.why ?? 'none';
}

test('a first start creates a root, a key per role and the file that gateways pin', async (t) => {
  const data = folderIn(t);
  const book = await KeyBook.open(data, NOW);
  assert.equal(book.generation, 1);
  assert.equal(new Set(keyRoles.map((role) => book.key(role).x)).size, keyRoles.length);
  for (const file of [keyFiles(data).root, keyFiles(data).list, ...keyRoles.map((role) => keyFiles(data).role(role))])
    assert.equal(statSync(file).mode & 0o777, 0o600, file);
  const pinned = readFileSync(keyFiles(data).pinned, 'utf8');
  assert.doesNotMatch(pinned, /"d"/);
  assert.deepEqual(
    unwrap(readPinnedKeys(pinned)).keys.map(({ kid }) => kid),
    [book.key('documents').kid],
    'an older gateway reads only the documents key',
  );
  const list = await book.listFor(1);
  const introduced = await book.listFor(0);
  assert.equal((await verifyKeyList(list, [readKey(keyFiles(data).root)])).ok, true);
  assert.equal((await verifyKeyList(introduced, [book.key('documents')])).ok, true);
  rmSync(keyFiles(data).root);
  assert.equal((await KeyBook.open(data, NOW)).key('online').x, book.key('online').x, 'it starts without the root');
});

test('a cloud of an older version keeps its key, which cannot rewrite the audit list', async (t) => {
  const data = folderIn(t);
  const file = join(data, 'audit.jsonl');
  const { privateKey: old } = await generateSigningKey();
  writeFileSync(keyFiles(data).role('documents'), JSON.stringify(old));
  await acts(file, { key: old }, 3);
  const before = [readFileSync(file), readFileSync(checkpointFile(file))] as const;
  const book = await KeyBook.open(data, NOW);
  assert.equal(book.key('documents').kid, old.kid);
  assert.equal(await acts(file, book.audit(), 2), undefined);
  assert.match(readFileSync(file, 'utf8'), /"what":"audit\.key"/);
  assert.equal(await problem(data), 'none');

  const rewritten = join(data, 'rewritten.jsonl');
  await acts(rewritten, { key: old }, 9);
  assert.match(await problem(data, rewritten), /ends the list but is not signed by the current audit key/);
  writeFileSync(rewritten, before[0]);
  writeFileSync(checkpointFile(rewritten), before[1]);
  assert.match(await problem(data, rewritten), /ends the list/);
});

test('the audit list continues after a rotation of its key; the former key cannot append', async (t) => {
  const data = folderIn(t);
  const file = join(data, 'audit.jsonl');
  const book = await KeyBook.open(data, NOW);
  const before = book.audit();
  const log = new AuditLog({ file, ...before, now: () => NOW, onFailure: assert.fail });
  await log.open();
  await rotateRole(data, 'audit', readKey(keyFiles(data).root), NOW);
  await book.reload();
  const { key, former } = book.audit();
  await log.takeKey(key, former);
  await log.append({ who: 'anna', what: 'an act', outcome: 'done' });
  assert.equal((await log.verify()).problem, undefined);
  await log.close();
  assert.equal(await problem(data), 'none');
  await acts(file, before, 1);
  assert.match(await problem(data), /ends the list/);
});

test('the audit list survives any number of rotations: an entry vouches for each former key', async (t) => {
  const data = folderIn(t);
  const file = join(data, 'audit.jsonl');
  const book = await KeyBook.open(data, NOW);
  const first = book.audit();
  const root = readKey(keyFiles(data).root);
  await acts(file, first, 3);
  for (let rotation = 0; rotation < 20; rotation++) {
    await rotateRole(data, 'audit', root, NOW);
    await book.reload();
    await acts(file, book.audit(), 1);
  }
  assert.ok(!book.audit().former.some(({ x }) => x === first.key.x), 'the first one is no longer on the list');
  assert.equal(await problem(data), 'none');
  const lines = readFileSync(file, 'utf8').split('\n');
  const forged = join(data, 'forged.jsonl');
  writeFileSync(checkpointFile(forged), readFileSync(checkpointFile(file)));
  // Without the entry that names it, the first key is unknown; an entry of its own cannot vouch for another.
  const at = lines.findIndex((line) => line.includes(first.key.kid) && line.includes('"what":"audit.key"'));
  writeFileSync(forged, lines.with(at, lines[at]!.replace(first.key.kid, 'nobody')).join('\n'));
  assert.match(await problem(data, forged), /entry 1 is not signed by a known key/);
  const { privateKey: thief } = await generateSigningKey();
  const seal = new AuditSeal(first.key);
  const facts = { who: 'cloud', what: 'audit.key', from: { kid: thief.kid, x: thief.x }, outcome: 'done' };
  const planted = canonicalJson(seal.entry(facts, { n: 99, at: NOW, prev: '0'.repeat(64) }));
  const seen = withVouchedFor(
    [publicHalf(book.audit().key)],
    [() => Buffer.from(`${planted}\n`), () => readFileSync(file)],
  );
  assert.deepEqual([seen.length, seen.some(({ kid }) => kid === thief.kid)], [21, false]);
});

test('a key that could not take over because of a full disk does so at the next try', async (t) => {
  const data = folderIn(t);
  const file = join(data, 'audit.jsonl');
  const book = await KeyBook.open(data, NOW);
  const log = new AuditLog({ file, ...book.audit(), now: () => NOW, onFailure: assert.fail });
  await log.open();
  await rotateRole(data, 'audit', readKey(keyFiles(data).root), NOW);
  await book.reload();
  const { key, former } = book.audit();
  // Simulates a disk that refuses writes.
  mkdirSync(`${checkpointFile(file)}.part`);
  await assert.rejects(log.takeKey(key, former), { code: 'LS-STORE-001' });
  rmSync(`${checkpointFile(file)}.part`, { recursive: true });
  await log.takeKey(key, former);
  const [newest] = await log.list({ limit: 1 });
  await log.close();
  assert.deepEqual([newest?.what, newest?.kid], ['audit.key', key.kid]);
  assert.equal(await problem(data), 'none');
});

test('a root certifies its successor, even if both are kept elsewhere, and a lost root is replaced', async (t) => {
  const data = folderIn(t);
  const [first, second, third, fourth] = ['1', '2', '3', '4'].map((name) => join(folderIn(t), `${name}.json`));
  await makeKeys(data, { root: first!, now: NOW });
  const book = await KeyBook.open(data, NOW);
  const pinned = readKey(first!);
  const follow = async (held: number, root = pinned) => followKeyLists(await book.listFor(held), root);
  const online = book.key('online');

  await importList(data, await handedOver(await sameKeys(data, NOW), pinned, await keyIn(second!)));
  await book.reload();
  assert.deepEqual([book.generation, book.facts.root], [3, readKey(second!).kid]);
  assert.equal(book.key('online').x, online.x, 'no other key changes');
  assert.equal(unwrap(await follow(1)).list.generation, 3);
  const { pinned: laidOut } = unwrap(readPinnedKeys(readFileSync(keyFiles(data).pinned, 'utf8')));
  assert.equal(laidOut?.root.x, readKey(second!).x, 'newly enrolled gateways pin the new root');
  await assert.rejects(rotateRole(data, 'online', pinned, NOW), { code: 'LS-KEY-001' });
  await rotateRole(data, 'online', readKey(second!), NOW);

  const lines = await handedOver(await sameKeys(data, NOW), readKey(second!), await keyIn(third!));
  await assert.rejects(
    importList(data, await handedOver(await sameKeys(data, NOW), pinned, readKey(third!))),
    { code: 'LS-DOC-001' },
    'the old root cannot certify another one',
  );
  writeFileSync(keyFiles(data).handovers, `${readFileSync(keyFiles(data).handovers, 'utf8')}${lines.split('\n')[0]}\n`);
  await book.reload();
  assert.equal(
    unwrap(await follow(1)).list.generation,
    4,
    'a crash before the list was written: its certification has no effect',
  );
  for (const generation of [5, 6]) {
    await rotateRole(data, 'online', readKey(second!), NOW);
    await book.reload();
    assert.equal(unwrap(await follow(1)).list.generation, generation, 'nor after later lists of the same root');
  }
  await importList(data, await handedOver(await sameKeys(data, NOW), readKey(second!), readKey(third!)));
  await book.reload();
  assert.equal(unwrap(await follow(1)).list.generation, 8);
  assert.equal(unwrap(await follow(3, readKey(second!))).list.generation, 8);
  assert.equal((await book.listFor(3)).split('\n').length, 2, 'no more than it lacks');

  await replaceLostRoot(data, await keyIn(fourth!), NOW);
  await book.reload();
  assert.equal((await follow(1)).ok, false, 'no gateway follows by itself');
  assert.equal(unwrap(await follow(1, readKey(fourth!))).list.generation, 9);
});

test('a list signed elsewhere is accepted if it is newer, of the same root, and its keys are present', async (t) => {
  const data = folderIn(t);
  const usb = join(folderIn(t), 'root.json');
  await makeKeys(data, { root: usb, now: NOW });
  assert.equal(existsSync(keyFiles(data).root), false);
  const root = readKey(usb);
  const list = await listToSign(data, 'online', NOW);
  assert.deepEqual(await listToSign(data, 'online', NOW), list, 'a repeated request gives the same list');
  const stranger = await generateSigningKey();
  const refused = async (jws: Promise<string>, why: RegExp, code = 'LS-KEY-001'): Promise<void> =>
    assert.rejects(async () => importList(data, await jws), { code, message: why });
  await refused(signKeyList(list, stranger.privateKey), /kid/, 'LS-DOC-001');
  await refused(signKeyList({ ...list, generation: 1 }, root), /generation 1; generation 1 is already in force/);
  const { x = '', kid } = stranger.publicKey;
  const models = [{ kty: 'OKP', crv: 'Ed25519', x, kid }] as const;
  await refused(
    signKeyList({ ...list, roles: { ...list.roles, models: [...models] } }, root),
    /models is missing here/,
  );
  await refused(signKeyList({ ...list, roles: { ...list.roles, audit: list.roles.online } }, root), /audit/);
  const book = await KeyBook.open(data, NOW);
  await importList(data, await signKeyList(list, root));
  await book.reload();
  assert.equal(book.generation, 2);
  assert.equal(book.key('online').x, list.roles.online[0]!.x);
  await assert.rejects(rotateRole(data, 'online', stranger.privateKey, NOW), { code: 'LS-KEY-001' });
});
