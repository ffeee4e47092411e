import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateSigningKey, signDocument } from '../../../../shared/codec/signed-document.ts';
import type { DesiredDocument } from '../../../../shared/contracts/document.ts';
import { MAX_EPOCH } from '../../../../shared/contracts/ids.ts';
import type { DocumentReport } from '../../../../shared/contracts/report.ts';
import { unwrap } from '../../../../shared/outcome/outcome.ts';
import type { Opened } from '../../../telemetry/testing/store-files.ts';
import type { DocumentStore, Unnumbered } from '../document-store.ts';

const { privateKey } = await generateSigningKey();
const many = Array.from({ length: 20 }, (_, n) => n);

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

const stop = (id: string, gateway = 'g-01'): Unnumbered<'command'> => ({
  ...settings(gateway, 1),
  type: 'command',
  body: { id, kind: 'stop', user: 'anna', reason: 'why', expiresAt: 1001 },
});

const reportOn = ({ type, gateway, epoch, sequence }: DesiredDocument, stage: DocumentReport['stage']) =>
  ({ version: 1, type, id: `settings-${gateway}`, epoch, sequence, time: 3, stage }) as const;

/** The contract of every document store. `open` gives an empty one. */
export function documentStoreSuite(name: string, open: () => Promise<Opened<DocumentStore>>): void {
  test(`${name}: documents added at once get distinct numbers, in the order of the calls`, async () => {
    const { store } = await open();
    const added = await Promise.all(many.map((n) => store.add<'settings'>(settings(n % 2 === 0 ? 'g-01' : 'h-01', n))));
    for (const gateway of ['g-01', 'h-01']) {
      const own = added.filter((each) => each.gateway === gateway);
      assert.deepEqual(
        own.map(({ sequence }) => sequence),
        own.map((_, at) => at + 1),
      );
    }
  });

  test(`${name}: sequences per type and gateway only grow, also across restarts`, async () => {
    const opened = await open();
    const numbers: number[] = [];
    for (let { store } = opened, run = 0; run < 3; run++, store = await opened.again()) {
      for (let at = 0; at < 2; at++) numbers.push((await store.add<'settings'>(settings('g-01', at))).sequence);
      await store.prune(Number.MAX_SAFE_INTEGER);
    }
    assert.deepEqual(numbers, [1, 2, 3, 4, 5, 6]);
  });

  test(`${name}: of many documents added at once after the same one, only one succeeds`, async () => {
    const { store } = await open();
    for (let newest: DesiredDocument | undefined, at = 0; at < 3; at++) {
      const added = await Promise.all(many.map((n) => store.addAfter<'settings'>(settings('g-01', n), newest)));
      const [one, ...more] = added.filter((each) => each !== undefined);
      assert.deepEqual([one?.sequence, more.length], [at + 1, 0]);
      assert.deepEqual((await store.newest('settings', 'g-01'))!.document, one);
      newest = one;
    }
    assert.equal(await store.addAfter(settings('g-01', 1), undefined), undefined);
    assert.ok(await store.addAfter(settings('h-01', 1), undefined), 'of another gateway');
    const { sequence } = (await store.newestNumber('settings', 'g-01'))!;
    await store.raiseEpoch('g-01', 4);
    const next = await store.addAfter<'settings'>(settings('g-01', 1), { epoch: 1, sequence });
    assert.deepEqual([next?.epoch, next?.sequence], [5, sequence + 1]);
  });

  test(`${name}: of many concurrent commands with one id one is added, and all calls return it`, async () => {
    const { store } = await open();
    const first = await store.addOnce(stop('command-1'));
    const raced = await Promise.all(many.map(() => store.addOnce(stop('command-2'))));
    assert.deepEqual(new Set(raced.map(({ document }) => document.sequence)), new Set([2]));
    const jws = unwrap(await signDocument(first.document, privateKey));
    await store.signed(first.document, jws);
    assert.deepEqual(await store.addOnce(stop('command-1', 'h-01')), { document: first.document, jws });
    assert.deepEqual(
      (await store.list('command', 'g-01', 9)).map(({ document }) => document.sequence),
      [2, 1],
    );
    assert.equal((await store.byId('command-2'))!.document.sequence, 2);
    assert.equal(await store.byId('command-3'), undefined);
  });

  test(`${name}: of many concurrent reports of one stage one is new, and reports survive a restart`, async () => {
    const { store, again } = await open();
    const added = await Promise.all([1, 2].map((at) => store.add<'settings'>(settings('g-01', at))));
    const second = added[1]!;
    const jws = unwrap(await signDocument(second, privateKey, { zip: 'br', bytes: await store.compressed(second) }));
    await store.signed(second, jws);
    for (const stage of ['received', 'accepted'] as const) {
      const areNew = await Promise.all(many.map(() => store.report('g-01', reportOn(second, stage))));
      assert.equal(areNew.filter(Boolean).length, 1);
    }
    const after = await again();
    assert.deepEqual(await after.newest('settings', 'g-01'), { document: second, jws });
    assert.deepEqual(await after.reports(second), [reportOn(second, 'received'), reportOn(second, 'accepted')]);
    assert.deepEqual(await after.reports(added[0]!), []);
    assert.equal(await after.report('g-01', reportOn(second, 'accepted')), false);
  });

  test(`${name}: the epoch of a gateway never falls, and raising it changes no other`, async () => {
    const { store } = await open();
    assert.equal((await store.add<'settings'>(settings('g-01', 1))).epoch, 1);
    assert.equal(await store.raiseEpoch('g-01', 4), 5);
    assert.equal(await store.raiseEpoch('g-01', 2), 5);
    const raised = await Promise.all(many.map((n) => store.raiseEpoch('h-01', n)));
    assert.deepEqual([await store.epoch('h-01'), Math.max(...raised)], [many.length, many.length]);
    const next = await store.add<'settings'>(settings('g-01', 2));
    assert.deepEqual([next.epoch, next.sequence], [5, 2]);
    assert.equal(await store.epoch('never-heard'), 1);
    assert.deepEqual(await store.newestNumber('settings', 'g-01'), { epoch: 5, sequence: 2 });
    assert.equal(
      await store.raiseEpochs(['h-01', 'new-01']),
      3,
      'all gateways that were sent a document, and those given',
    );
    assert.deepEqual([await store.epoch('g-01'), await store.epoch('h-01'), await store.epoch('new-01')], [6, 21, 2]);
    assert.equal(await store.raiseEpoch('g-01', Number.MAX_VALUE), MAX_EPOCH);
  });

  test(`${name}: documents in force at a time are listed newest first`, async () => {
    const { store } = await open();
    for (const at of [0, 500, 900]) await store.add(settings('g-01', at));
    const issued = async (time: number) =>
      (await store.validAt('settings', 'g-01', time)).map(({ document }) => document.issuedAt);
    assert.deepEqual([await issued(600), await issued(1000), await issued(1900)], [[500, 0], [900, 500], []]);
  });

  test(`${name}: old documents are pruned, and the newest of each gateway stays`, async () => {
    const { store } = await open();
    for (const at of [1, 2, 3]) await store.add(settings('g-01', at));
    await store.add(settings('h-01', 1));
    assert.equal(await store.prune(100), 2);
    const newest = async (gateway: string) => (await store.newest('settings', gateway))!.document.issuedAt;
    assert.deepEqual([await newest('g-01'), await newest('h-01')], [3, 1]);
  });
}
