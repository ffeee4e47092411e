import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateSigningKey, signDocument, type SigningKey } from '../../shared/codec/signed-document.ts';
import type { SettingsDocument } from '../../shared/contracts/document.ts';
import { unwrap } from '../../shared/outcome/outcome.ts';
import { publicKeyOf, signKeyList, type KeyList } from '../../shared/pki/key-list.ts';
import { SimDisk } from '../../simulators/sim/sim-disk.ts';
import { settingsDocument } from '../cycle/testing/documents.ts';
import { Documents } from './documents.ts';
import { KeyRing } from './key-ring.ts';

type Pair = Awaited<ReturnType<typeof generateSigningKey>>;
const [root, old, documents, models, online, audit] = (await Promise.all(
  Array.from({ length: 6 }, () => generateSigningKey()),
)) as [Pair, Pair, Pair, Pair, Pair, Pair];

function listOf(generation: number, over: Partial<Record<keyof KeyList['roles'], Pair>> = {}, by = root): KeyList {
  const roles = { documents, models, online, audit, ...over };
  const [first, second, third, fourth] = [roles.documents, roles.models, roles.online, roles.audit].map(
    ({ publicKey }) => [publicKeyOf(publicKey)],
  );
  return {
    version: 1,
    generation,
    issuedAt: 1000,
    root: publicKeyOf(by.publicKey),
    roles: { documents: first!, models: second!, online: third!, audit: fourth! },
  };
}

const signed = (generation: number, over = {}, by = root): Promise<string> =>
  signKeyList(listOf(generation, over), by.privateKey);

async function pinnedRing(disk = new SimDisk(), generation = 1): Promise<KeyRing> {
  const list = await signed(generation);
  const ring = new KeyRing({ keys: [documents.publicKey], pinned: { root: root.publicKey, list } }, disk);
  await ring.load();
  return ring;
}

async function oldRing(disk = new SimDisk(), key = old): Promise<KeyRing> {
  const ring = new KeyRing({ keys: [key.publicKey] }, disk);
  await ring.load();
  return ring;
}

const kids = async (ring: KeyRing, role: keyof KeyList['roles']): Promise<readonly string[]> =>
  (await ring.keys(role)).map(({ kid }) => kid);
const verdict = async (ring: KeyRing, jws: string): Promise<string> => {
  const taken = await ring.take(jws);
  return taken.ok ? (taken.value ? 'new' : 'held') : taken.fault.code;
};

test('each role has its own key, and a newer list of the root replaces all keys, also after restarts', async () => {
  const disk = new SimDisk();
  const ring = await pinnedRing(disk);
  assert.deepEqual(await kids(ring, 'online'), [online.publicKey.kid]);
  const next = await generateSigningKey();
  assert.equal(await verdict(ring, await signed(2, { online: next })), 'new');
  assert.deepEqual(await kids(ring, 'online'), [next.publicKey.kid]);
  assert.equal(await verdict(ring, await signed(2, { online: next })), 'held');
  assert.equal(await verdict(ring, await signed(2)), 'LS-DOC-013', 'another list of the same generation');
  assert.equal(await verdict(ring, await signed(1)), 'LS-DOC-013');
  assert.equal((await pinnedRing(disk)).generation, 2);
  assert.equal((await pinnedRing(disk, 3)).generation, 3, 'a newer list on site counts');
});

test('only the root may list keys', async () => {
  const ring = await pinnedRing();
  for (const thief of [documents, online, old])
    assert.equal(await verdict(ring, await signed(9, {}, thief)), 'LS-DOC-001');
  assert.equal(await verdict(ring, await signKeyList(listOf(9, {}, old), root.privateKey)), 'LS-DOC-001');
  const settings = unwrap(await signDocument(settingsOf(1), root.privateKey));
  assert.equal(await verdict(ring, settings), 'LS-DOC-001', 'a document is not a list');
  assert.equal(ring.generation, 1);
});

/** A list signed by its own root. */
const listBy = (generation: number, by: Pair): Promise<string> =>
  signKeyList(listOf(generation, {}, by), by.privateKey);
/** The list by which one root hands over to the next, and the next root's own list. */
const handOver = async (generation: number, from: Pair, to: Pair): Promise<string[]> => [
  await signKeyList(listOf(generation, {}, to), from.privateKey),
  await listBy(generation + 1, to),
];

test('a root hands over to the next, also in several steps; the old root may not list keys any more', async () => {
  const disk = new SimDisk();
  const ring = await pinnedRing(disk);
  const [second, third] = await Promise.all([generateSigningKey(), generateSigningKey()]);
  const [toSecond, bySecond] = await handOver(2, root, second);
  const [toThird, byThird] = await handOver(4, second, third);
  assert.equal(await verdict(ring, bySecond!), 'LS-DOC-001', 'no handover yet');
  assert.equal(await verdict(ring, toSecond!), 'LS-DOC-001', 'a new root counts only with a list of its own');
  assert.equal(
    await verdict(ring, [toSecond, await listBy(3, third)].join('\n')),
    'LS-DOC-001',
    'list of another root',
  );
  assert.equal(await verdict(ring, [toSecond, await listBy(2, second)].join('\n')), 'LS-DOC-013');
  assert.equal(await verdict(ring, `${toSecond}\n`.repeat(65) + bySecond), 'LS-DOC-005', 'too long');
  assert.equal(await verdict(ring, [toSecond, bySecond].join('\n')), 'new');
  assert.equal(await verdict(ring, [toSecond, bySecond].join('\n')), 'held', 'the same again');
  assert.equal(await verdict(ring, await signed(9)), 'LS-DOC-001', 'the old root has ended');
  assert.equal(await verdict(ring, (await handOver(9, root, root)).join('\n')), 'LS-DOC-001');
  assert.equal((await pinnedRing(disk)).generation, 3, 'a restart follows the chain from the pinned root');

  const away = await pinnedRing();
  const whole = [toSecond, toThird, byThird].join('\n');
  assert.equal(await verdict(away, [toThird, byThird].join('\n')), 'LS-DOC-001', 'a step is missing');
  for (const each of [ring, away]) {
    assert.equal(await verdict(each, whole), 'new');
    assert.equal(each.root, third.publicKey.kid);
  }
  const again = await pinnedRing(disk);
  assert.deepEqual([again.generation, again.root], [5, third.publicKey.kid]);
  assert.equal(await verdict(again, await listBy(6, third)), 'new');
  assert.equal((await pinnedRing(disk)).generation, 6, 'the chain is kept after a rotation');
  const onSite = new KeyRing({ keys: [], pinned: { root: second.publicKey, list: bySecond! } }, disk);
  await onSite.load();
  assert.equal(onSite.generation, 6, 'a root of the chain, now pinned on site');
});

test('a gateway that learned its root from a list follows it to the next root', async () => {
  const disk = new SimDisk();
  const ring = await oldRing(disk);
  assert.equal(await verdict(ring, await signed(1, { documents: old }, old)), 'new');
  const second = await generateSigningKey();
  assert.equal(await verdict(ring, (await handOver(2, root, second)).join('\n')), 'new');
  const again = await oldRing(disk);
  assert.deepEqual([again.generation, again.root], [3, second.publicKey.kid]);
  assert.equal(await verdict(again, (await handOver(4, old, old)).join('\n')), 'LS-DOC-001');
});

test('a gateway with a single key accepts the first key list from it, but not a second one', async () => {
  const disk = new SimDisk();
  const ring = await oldRing(disk);
  assert.deepEqual(await kids(ring, 'online'), [old.publicKey.kid], 'an older cloud signs everything with it');
  assert.equal(await verdict(ring, await signed(1)), 'LS-DOC-001', 'it knows no root yet');
  assert.equal(await verdict(ring, await signed(4, { documents: old }, old)), 'new');
  assert.deepEqual(await kids(ring, 'online'), [online.publicKey.kid]);
  assert.equal(await verdict(ring, await signed(5, {}, old)), 'LS-DOC-001');
  const again = await oldRing(disk);
  assert.equal(again.generation, 4);
  assert.equal(await verdict(again, await signed(5, {}, old)), 'LS-DOC-001');
  assert.equal(await verdict(again, await signed(5)), 'new', 'the root may list');
  assert.equal((await oldRing(disk)).generation, 5);
  assert.equal((await oldRing(disk, documents)).generation, 0, 'another pinned key starts afresh');
});

test('no key counts while the key list on disk is unreadable', async () => {
  const disk = new SimDisk();
  const ring = await oldRing(disk);
  assert.equal(await verdict(ring, await signed(1, {}, old)), 'new');
  const read = disk.read.bind(disk);
  disk.read = () => Promise.reject(new Error('the disk is dead'));
  const blind = await oldRing(disk);
  assert.deepEqual(await kids(blind, 'documents'), []);
  assert.equal(await verdict(blind, await signed(2, {}, old)), 'LS-DOC-007');
  disk.read = read;
  assert.deepEqual(await kids(blind, 'documents'), [documents.publicKey.kid]);
});

const settingsOf = (sequence: number, epoch = 1): SettingsDocument =>
  settingsDocument(1000, { mode: 'automatic' }, sequence, epoch);

test('a document is judged by the keys of its role, and by generation before epoch and sequence', async () => {
  const disk = new SimDisk();
  const ring = await pinnedRing(disk);
  const at = (): Documents => new Documents({ disk, gateway: 'owd-01', ring, now: () => 1500 });
  let gate = at();
  const meets = async (document: SettingsDocument, { privateKey }: { privateKey: SigningKey }): Promise<string> => {
    const judged = await gate.receive('settings', unwrap(await signDocument(document, privateKey)));
    return judged.kind === 'rejected' ? judged.fault.code : judged.kind;
  };
  for (const thief of [online, models, audit]) assert.equal(await meets(settingsOf(1), thief), 'LS-DOC-001');
  assert.equal(await meets(settingsOf(9, 900), documents), 'accepted', 'a stolen key can go this high');
  assert.equal(await meets(settingsOf(2), documents), 'LS-DOC-002');
  const next = await generateSigningKey();
  assert.equal(await verdict(ring, await signed(2, { documents: next })), 'new');
  assert.equal(await meets(settingsOf(10, 900), documents), 'LS-DOC-001');
  assert.equal(await meets(settingsOf(9, 900), next), 'held', 'the cloud re-signs what it sent');
  assert.equal(await meets(settingsOf(2), next), 'LS-DOC-002');
  const [third, other] = [await generateSigningKey(), await generateSigningKey()];
  assert.equal(await verdict(ring, await signed(3, { documents: third })), 'new');
  assert.equal(await meets(settingsOf(2), third), 'accepted', 'a newer key resets the marks of the previous one');
  gate = at();
  assert.equal(await meets(settingsOf(1), third), 'LS-DOC-002');
  assert.equal(await verdict(ring, await signed(4, { documents: third, online: other })), 'new');
  assert.equal(await meets(settingsOf(1), third), 'LS-DOC-002', 'rotation of another role resets no marks');
  assert.equal(await meets(settingsOf(3), third), 'accepted');
  assert.equal((await gate.restore()).length, 1);
});
