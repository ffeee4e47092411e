import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { SqlitePeopleStore } from '../access/sqlite-people-store.ts';
import { SqliteEventStore } from '../audit/sqlite-event-store.ts';
import { SqliteDocumentStore } from '../plan/send/sqlite-document-store.ts';
import { Database } from './database.ts';

const anna = { name: 'anna', hash: 'h', roles: ['admin'], areas: '*', mustChange: false, disabled: false } as const;
const event = { time: 1, kind: 'event', severity: 'info', code: 'LS-TEST-001', text: 'it came' } as const;
const report = { version: 1, type: 'settings', id: 's', epoch: 1, sequence: 1, time: 1, stage: 'accepted' } as const;

function shared(t: { after(done: () => void): void }) {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-database-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'state.sqlite');
  const open = () => {
    const database = new Database(path);
    const stores = {
      people: new SqlitePeopleStore(database),
      events: new SqliteEventStore(database),
      documents: new SqliteDocumentStore(database),
    };
    for (const each of Object.values(stores)) each.open();
    return { ...stores, close: () => Object.values(stores).forEach((each) => each.close()) };
  };
  return { path, open };
}

test('stores of one file share a commit, whatever their durability, and find everything after a restart', async (t) => {
  const { open } = shared(t);
  const first = open();
  assert.equal(await first.documents.report('g-1', report), true);
  await first.people.put(anna);
  await first.events.commit([{ source: 'cloud', events: [{ event }] }], 1);
  await first.events.synced();
  assert.equal(await first.documents.report('g-1', report), false, 'the same a second time');
  first.close();
  const second = open();
  assert.deepEqual([(await second.people.load(0)).users.length, await second.events.count()], [1, 1]);
  assert.equal(await second.documents.report('g-1', report), false);
  second.close();
});

test('a file of a newer version is rejected with the remedy, and stays unchanged', (t) => {
  const { path, open } = shared(t);
  open().close();
  const db = new DatabaseSync(path);
  db.exec('UPDATE store SET step = 999');
  db.close();
  assert.throws(open, {
    code: 'LS-DATA-005',
    message: /has step 999 of \w+, this version knows \d+: it was written by a newer/,
  });
});

test('a closing store leaves the file to the others', async (t) => {
  const { open } = shared(t);
  const { people, events, close } = open();
  events.close();
  await people.put(anna);
  await assert.rejects(events.count(), { code: 'LS-STORE-001' });
  events.open();
  assert.equal(await events.count(), 0);
  close();
});

test('once the log fails on disk, no store of the file confirms writes, and everything stays readable', async (t) => {
  const { path, open } = shared(t);
  const { people, events, close } = open();
  await people.put(anna);
  // The log cannot be opened, which stands for one that cannot be written.
  rmSync(`${path}-wal`);
  await events.commit([{ source: 'cloud', events: [{ event }] }], 1);
  await assert.rejects(events.synced(), { code: 'LS-STORE-001' });
  await assert.rejects(events.commit([{ source: 'cloud', events: [{ event }] }], 1), { code: 'LS-STORE-001' });
  await assert.rejects(people.put({ ...anna, name: 'bert' }), /readonly/);
  assert.equal((await people.load(0)).users.length, 1);
  close();
});

test('the log of two alternating writers is checkpointed repeatedly', async (t) => {
  const { path, open } = shared(t);
  const { people, events, close } = open();
  for (let n = 0; n < 4000; n++) {
    await events.commit([{ source: 'cloud', events: [{ event: { ...event, text: 'x'.repeat(2000) } }] }], n);
    if (n % 200 === 0) await people.put({ ...anna, name: `anna-${n}` });
  }
  await events.synced();
  // Each commit writes at least three pages: without truncation the log would have 48 MB.
  assert.ok(statSync(`${path}-wal`).size < 16_000_000, `${statSync(`${path}-wal`).size} bytes`);
  close();
});
