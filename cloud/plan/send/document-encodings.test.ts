import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { signDocument, zipOf } from '../../../shared/codec/signed-document.ts';
import { FIRST_READS, THIS_READS } from '../../../shared/contracts/reads.ts';
import { unwrap } from '../../../shared/outcome/outcome.ts';
import { keys, setUp } from '../testing/dispatch-rig.ts';
import { asFirstVersion, forGateway } from './for-gateway.ts';
import { SqliteDocumentStore } from './sqlite-document-store.ts';

const ofGateway = <Sent extends { gateway: string; topic: string }>(sent: readonly Sent[], gateway: string) =>
  sent.filter((one) => one.gateway === gateway && one.topic === 'desiredPlan');

test('a gateway gets compressed plans if its birth announces support, version 0.1.0 uncompressed ones', async () => {
  let now = FIRST_READS;
  const { clock, sent, service } = await setUp({ reads: (gateway) => (gateway === 'aaa-01' ? THIS_READS : now) });
  await clock.advance(5 * 60_000);
  const [packed, plain] = ['aaa-01', 'bbb-01'].map((gateway) => ofGateway(sent, gateway)[0]!);
  assert.deepEqual([zipOf(packed!.jws), zipOf(plain!.jws)], ['columns', undefined]);
  assert.equal(plain!.jws, unwrap(await signDocument(plain!.document, keys.privateKey)), 'byte for byte');
  assert.ok(packed!.jws.length < plain!.jws.length / 2, `${packed!.jws.length} and ${plain!.jws.length} characters`);
  now = THIS_READS;
  await service.onBorn('bbb-01');
  now = FIRST_READS;
  await service.onBorn('bbb-01');
  const [, updated, back] = ofGateway(sent, 'bbb-01');
  assert.deepEqual([zipOf(updated!.jws), back!.jws], ['columns', plain!.jws]);
  assert.deepEqual(asFirstVersion(updated!.document), plain!.document, 'with the same number');
  await service.stop();
});

test('a gateway that only reads Brotli gets plans as Brotli text, one that reads bytes gets bytes', async () => {
  const encodings = { 'aaa-01': ['identity', 'br'], 'bbb-01': ['identity', 'br', 'bytes'] } as const;
  const { clock, sent, service } = await setUp({
    reads: (gateway) => ({ ...THIS_READS, encodings: encodings[gateway as keyof typeof encodings] }),
  });
  await clock.advance(5 * 60_000);
  const [text, bytes] = ['aaa-01', 'bbb-01'].map((gateway) => ofGateway(sent, gateway)[0]!);
  assert.deepEqual([zipOf(text!.jws), zipOf(bytes!.jws)], ['br', 'br']);
  assert.equal(text!.bytes, text!.jws.length);
  assert.ok(bytes!.bytes < 0.8 * bytes!.jws.length, `${bytes!.bytes} bytes of ${bytes!.jws.length} characters`);
  await service.stop();
});

test('a gateway that reads no known document version is sent none, and an alarm says so', async () => {
  const { clock, sent, events, service } = await setUp({ reads: () => ({ ...THIS_READS, versions: [2] }) });
  await clock.advance(5 * 60_000);
  assert.equal(sent.length, 0);
  const { code, text } = events.find(({ kind }) => kind === 'alarm')!;
  assert.deepEqual([code, /reads document version 2, not 1/.test(text)], ['LS-OPT-002', true]);
  await service.stop();
});

test('a plan is stored once, compressed, and resent with the same bytes after a restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-'));
  const path = join(folder, 'documents.sqlite');
  try {
    const { clock, sent, service, store } = await setUp({ store: new SqliteDocumentStore(path) });
    await clock.advance(5 * 60_000);
    await service.stop();
    const { gateway, document, jws } = sent.find(({ topic }) => topic === 'desiredPlan')!;
    store.close();
    const database = new DatabaseSync(path);
    const row = database
      .prepare(
        `SELECT length(packed) AS packed, length(content) + length(jws) AS beside FROM document
         WHERE type = 'plan' AND gateway = ?`,
      )
      .get(gateway)!;
    database.close();
    const again = await setUp({ store: new SqliteDocumentStore(path) });
    const stored = (await again.store.newest('plan', gateway))!.document;
    const plain = JSON.stringify(stored).length;
    assert.ok(Number(row['packed']) < plain / 3, `${String(row['packed'])} of ${plain} bytes`);
    assert.ok(Number(row['beside']) < 400, `${String(row['beside'])} characters beside it`);
    assert.ok(stored.type === 'plan' && stored.body.sentences !== undefined);
    assert.deepEqual(forGateway(stored), document, 'fields that only the page needs are not sent');
    await again.service.onBorn(gateway);
    assert.equal(ofGateway(again.sent, gateway)[0]!.jws, jws);
    await again.service.stop();
    again.store.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** A store in which one plan is stored whole, as before compression. */
async function storedUncompressed(path: string) {
  const first = await setUp({ store: new SqliteDocumentStore(path), reads: () => FIRST_READS });
  await first.clock.advance(5 * 60_000);
  await first.service.stop();
  first.store.close();
  const { document, jws } = ofGateway(first.sent, 'aaa-01')[0]!;
  const database = new DatabaseSync(path);
  database
    .prepare(`UPDATE document SET packed = NULL, content = ?, jws = ? WHERE gateway = 'aaa-01' AND type = 'plan'`)
    .run(JSON.stringify(document), jws);
  database.close();
  return { document, jws };
}

test('documents stored before compression are read, resent and pruned like others', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-'));
  const path = join(folder, 'documents.sqlite');
  try {
    const { document, jws } = await storedUncompressed(path);
    const { clock, sent, service, store } = await setUp({
      store: new SqliteDocumentStore(path),
      reads: () => FIRST_READS,
    });
    assert.deepEqual(await store.newest('plan', 'aaa-01'), { document, jws });
    await service.onBorn('aaa-01');
    assert.equal(ofGateway(sent, 'aaa-01')[0]!.jws, jws);
    await clock.advance(6 * 60_000);
    assert.ok((await store.prune(clock.plant.now())) > 0);
    assert.ok((await store.list('plan', 'aaa-01', 10)).every((stored) => stored.jws !== jws));
    await service.stop();
    store.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a document stored uncompressed is resent compressed with the same bytes each time', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-'));
  const path = join(folder, 'documents.sqlite');
  try {
    await storedUncompressed(path);
    const { sent, service, store } = await setUp({ store: new SqliteDocumentStore(path), reads: () => THIS_READS });
    for (let time = 0; time < 2; time++) await service.onBorn('aaa-01');
    const [once, again] = ofGateway(sent, 'aaa-01');
    assert.equal(zipOf(once!.jws), 'columns');
    assert.deepEqual(again, once);
    await service.stop();
    store.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
