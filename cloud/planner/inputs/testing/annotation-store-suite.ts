import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Opened } from '../../../telemetry/testing/store-files.ts';
import type { Annotation } from '../annotation.ts';
import type { AnnotationQuery, AnnotationStore } from '../annotation-store.ts';

const annotation = (id: string, more: Partial<Annotation> = {}): Annotation => ({
  id,
  target: 'substation:owd',
  kind: 'outage',
  start: 100,
  end: 200,
  note: 'the line is out',
  createdBy: 'anna',
  createdAt: 50,
  withdrawnAt: null,
  ...more,
});

/** Contract of every annotation store. `open` returns an empty one. */
export function annotationStoreSuite(name: string, open: () => Promise<Opened<AnnotationStore>>): void {
  const ids = async (store: AnnotationStore, query: Partial<AnnotationQuery> = {}, page = { after: 0, limit: 9 }) =>
    (await store.list({ targets: ['substation:owd', 'region:north'], from: 0, to: 1000, ...query }, page)).map(
      ({ id }) => id,
    );

  test(`${name}: annotations survive a restart and are listed by target, kind and half-open span, paged`, async () => {
    const { store, again } = await open();
    await store.add(annotation('a'));
    await store.add(annotation('b', { target: 'region:north', kind: 'holiday', start: 300, end: null }));
    await store.add(annotation('elsewhere', { target: 'feeder:whf-1' }));
    await assert.rejects(store.add(annotation('a')));
    const later = await again();
    const { number, ...stored } = (await later.get('a'))!;
    assert.deepEqual(stored, annotation('a'));
    assert.deepEqual(await ids(later), ['a', 'b']);
    assert.deepEqual(await ids(later, { to: 100 }), []);
    assert.deepEqual(await ids(later, { from: 199, to: 300 }), ['a']);
    assert.deepEqual(await ids(later, { from: 200 }), ['b']);
    assert.deepEqual(await ids(later, { kind: 'holiday' }), ['b']);
    assert.deepEqual(await ids(later, {}, { after: number, limit: 9 }), ['b']);
  });

  test(`${name}: one of many concurrent withdrawals counts; asOf sees what was known then`, async () => {
    const { store } = await open();
    await store.add(annotation('a'));
    const done = await Promise.all(Array.from({ length: 20 }, async (_, n) => store.withdraw('a', 400 + n)));
    assert.equal(done.filter(Boolean).length, 1);
    assert.equal((await store.get('a'))!.withdrawnAt, 400 + done.indexOf(true));
    assert.equal(await store.withdraw('unknown', 1), false);
    assert.deepEqual(await ids(store), []);
    assert.deepEqual(await ids(store, { asOf: 60 }), ['a']);
    assert.deepEqual(await ids(store, { asOf: 49 }), []);
  });
}
