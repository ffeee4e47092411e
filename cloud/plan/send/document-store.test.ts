import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { generateSigningKey, signDocument } from '../../../shared/codec/signed-document.ts';
import { unwrap } from '../../../shared/outcome/outcome.ts';
import { DocumentStore, type Unnumbered } from './document-store.ts';

const { privateKey } = await generateSigningKey();

const settings = (gateway: string, issuedAt: number): Unnumbered<'settings'> => ({
  type: 'settings',
  version: 1,
  gateway,
  issuedAt,
  acceptUntil: issuedAt + 1000,
  validFrom: issuedAt,
  validUntil: issuedAt + 1000,
  body: { mode: 'automatic' },
});

test('sequences of a type and gateway only grow, over restarts too', () => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-'));
  const path = join(folder, 'documents.sqlite');
  try {
    const numbers: number[] = [];
    for (let run = 0; run < 3; run++) {
      const store = new DocumentStore(path);
      store.open();
      for (let at = 0; at < 2; at++) numbers.push(...store.add([settings('g-01', at)]).map(({ sequence }) => sequence));
      store.prune(Number.MAX_SAFE_INTEGER);
      store.close();
    }
    assert.deepEqual(numbers, [1, 2, 3, 4, 5, 6]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('documents that are added together are numbered in their order; what was told of them outlives the process', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-'));
  const path = join(folder, 'documents.sqlite');
  try {
    const store = new DocumentStore(path);
    store.open();
    const [first, second, other] = store.add([settings('g-01', 1), settings('g-01', 2), settings('h-01', 1)]);
    assert.deepEqual([first?.sequence, second?.sequence, other?.sequence], [1, 2, 1]);
    const signed = unwrap(await signDocument(second!, privateKey));
    store.signed(second!, signed);
    const { epoch, sequence } = second!;
    const report = { version: 1, type: 'settings', id: 'settings-g-01', epoch, sequence, time: 3 } as const;
    assert.equal(store.report('g-01', { ...report, stage: 'accepted' }), true);
    assert.equal(store.report('g-01', { ...report, stage: 'accepted' }), false, 'each stage once');
    store.add([settings('h-01', 2)]);
    store.close();

    const again = new DocumentStore(path);
    again.open();
    assert.deepEqual(again.newest('settings', 'g-01'), { document: second, jws: signed });
    assert.deepEqual(
      again.reports(second!).map(({ stage }) => stage),
      ['accepted'],
    );
    assert.equal(again.newest('settings', 'h-01')?.document.sequence, 2);
    again.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a number above ours tells of a restored store: what comes next for that gateway has a higher epoch, and that of no other', () => {
  const store = new DocumentStore(':memory:');
  store.open();
  const [old] = store.add([settings('g-01', 1)]);
  assert.equal(old?.epoch, 1);
  assert.equal(store.raiseEpoch('g-01', 4), 5);
  assert.equal(store.raiseEpoch('g-01', 2), 5, 'never back');
  const [next, other] = store.add([settings('g-01', 2), settings('h-01', 2)]);
  assert.deepEqual([next?.epoch, next?.sequence], [5, 2]);
  assert.deepEqual([other?.epoch, store.epoch('h-01'), store.epoch('never-heard')], [1, 1, 1]);
  assert.equal(store.newest('settings', 'g-01')!.document.epoch, 5);
});

test('what is old goes, the newest of each gateway stays', () => {
  const store = new DocumentStore(':memory:');
  store.open();
  store.add([...[1, 2, 3].map((at) => settings('g-01', at)), settings('h-01', 1)]);
  assert.equal(store.prune(100), 2);
  assert.deepEqual(
    [store.newest('settings', 'g-01')!.document.issuedAt, store.newest('settings', 'h-01')!.document.issuedAt],
    [3, 1],
  );
});

test('of what a gateway tells of a document a bounded part is kept, however much it sends', () => {
  const store = new DocumentStore(':memory:');
  store.open();
  const [document] = store.add([settings('g-01', 1)]);
  const { epoch, sequence } = document!;
  const told = { version: 1, type: 'settings', id: 'settings-g-01', epoch, sequence, time: 3 } as const;
  store.report('g-01', { ...told, stage: 'rejected', detail: 'so many words '.repeat(60_000) });
  const [kept] = store.reports(document!);
  assert.ok(JSON.stringify(kept).length < 2500, `${JSON.stringify(kept).length} characters`);
  assert.match(kept?.detail ?? '', /^so many words .*…$/);
  store.close();
});
