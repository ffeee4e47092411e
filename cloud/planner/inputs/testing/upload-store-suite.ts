import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Opened } from '../../../telemetry/testing/store-files.ts';
import type { UploadStore, UploadedValue } from '../upload-store.ts';

const QUARTER_MS = 900_000;
const TARGET = 'substation:owd';
const values = (...kw: (number | null)[]): UploadedValue[] =>
  kw.map((each, step) => ({ start: step * QUARTER_MS, kw: each, quality: 'good' }));
const upload = (...kw: (number | null)[]) => ({ target: TARGET, resolutionS: 900, values: values(...kw) });

/** Contract of every upload store. `open` returns an empty one. */
export function uploadStoreSuite(name: string, open: () => Promise<Opened<UploadStore>>): void {
  const range = { target: TARGET, start: 0, end: 3 * QUARTER_MS, resolutionS: 900 };
  const means = async (store: UploadStore, asOf?: number) =>
    (await store.intervals({ ...range, ...(asOf === undefined ? {} : { asOf }) })).map(({ mean }) => mean);

  test(`${name}: a correction is stored beside the original, and asOf finds either after a restart`, async () => {
    const { store, again } = await open();
    assert.deepEqual(await store.add([upload(1, 2)], () => 1000), { changed: 2, receivedAt: 1000 });
    assert.deepEqual(await store.add([upload(1, 5, null)], () => 2000), { changed: 2, receivedAt: 2000 });
    const later = await again();
    assert.deepEqual(await means(later), [1, 5, null]);
    assert.deepEqual(await means(later, 1999), [1, 2, null]);
    assert.deepEqual(await means(later, 999), [null, null, null]);
    assert.deepEqual(await later.receipts(range), [1000, 2000, 2000]);
    assert.deepEqual(await later.receipts({ ...range, asOf: 1999 }), [1000, 1000, null]);
    assert.deepEqual(await later.span(TARGET), { from: 0, to: 3 * QUARTER_MS });
    assert.equal(await later.span('feeder:owd-1'), undefined);
  });

  test(`${name}: every quarter of an hourly value has its receipt, also if a range begins within the hour`, async () => {
    const { store } = await open();
    await store.add([{ target: TARGET, resolutionS: 3600, values: values(7) }], () => 1000);
    assert.deepEqual(await means(store), [7, 7, 7]);
    assert.deepEqual(await store.receipts(range), [1000, 1000, 1000]);
    const later = { ...range, start: 3 * QUARTER_MS, end: 5 * QUARTER_MS };
    assert.deepEqual(await store.receipts(later), [1000, null]);
    assert.deepEqual(await store.receipts({ ...range, end: 8 * QUARTER_MS, resolutionS: 3600 }), [1000, null]);
  });

  test(`${name}: concurrent uploads are stored whole, and the last one received wins`, async () => {
    const { store } = await open();
    let at = 0;
    const added = await Promise.all(
      Array.from({ length: 6 }, async (_, n) => ({ n, ...(await store.add([upload(n, n, n)], () => ++at)) })),
    );
    const last = added.toSorted((a, b) => b.receivedAt - a.receivedAt)[0]!;
    assert.deepEqual(await means(store), [last.n, last.n, last.n]);
    for (const { n, receivedAt } of added) assert.deepEqual(await means(store, receivedAt), [n, n, n]);
  });

  test(`${name}: deleted values are gone for every asOf, only in their target and range`, async () => {
    const { store, again } = await open();
    await store.add([upload(1, 2, 3), { ...upload(9), target: 'feeder:owd-1' }], () => 1000);
    await store.add([upload(1, 5)], () => 2000);
    const before = store.revision;
    assert.equal(await store.forget({ target: TARGET, start: QUARTER_MS, end: 2 * QUARTER_MS }), 2);
    assert.equal(await store.forget({ target: TARGET, start: QUARTER_MS, end: 2 * QUARTER_MS }), 0);
    assert.equal(store.revision, before + 1);
    const later = await again();
    assert.deepEqual(await means(later), [1, null, 3]);
    assert.deepEqual(await means(later, 1999), [1, null, 3]);
    assert.notEqual(await later.span('feeder:owd-1'), undefined);
  });

  test(`${name}: times may come in any order; of a repeated time in an upload the last value wins`, async () => {
    const { store } = await open();
    const at = (step: number, kw: number): UploadedValue => ({ start: step * QUARTER_MS, kw, quality: 'good' });
    const twice = { target: TARGET, resolutionS: 900, values: [at(2, 1), at(0, 2), at(0, 3.5)] };
    const again = { target: TARGET, resolutionS: 900, values: [at(1, 7), at(0, 4), at(2, 1)] };
    assert.deepEqual(await store.add([twice, again], () => 1000), { changed: 5, receivedAt: 1000 });
    assert.deepEqual(await means(store), [4, 7, 1]);
    assert.equal((await store.add([{ ...again, values: [at(2, 1), at(1, 7)] }], () => 2000)).changed, 0);
  });

  test(`${name}: a finer value takes precedence over a coarser one, whichever came later`, async () => {
    const { store } = await open();
    await store.add([upload(1, 2)], () => 1000);
    await store.add([{ target: TARGET, resolutionS: 3600, values: values(9) }], () => 2000);
    assert.deepEqual(await means(store), [1, 2, 9]);
    assert.deepEqual(await store.span(TARGET), { from: 0, to: 3_600_000 });
  });
}
