import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Opened } from '../../../telemetry/testing/store-files.ts';
import type { WeatherStore, WeatherVintage } from '../weather-store.ts';

const vintage = (id: string, more: Partial<WeatherVintage> = {}): WeatherVintage => ({
  id,
  source: 'bureau',
  location: 'region:north',
  issuedAt: 100,
  start: 0,
  resolutionS: 1,
  temperatureC: [1.5, null],
  ghiWm2: null,
  windMs: [3, 4],
  ...more,
});
const EVER = { locations: ['region:north'], from: 0, to: 9_000, issuedBefore: 1000, source: null };
const PAGE = { skip: 0, limit: 9 };

/** Contract of every weather store. `open` returns an empty one. */
export function weatherStoreSuite(name: string, open: () => Promise<Opened<WeatherStore>>): void {
  test(`${name}: of many vintages of one issue the first is kept, and all callers get it`, async () => {
    const { store, again } = await open();
    const put = await Promise.all(
      Array.from({ length: 20 }, async (_, n) => store.put(vintage(`v${n}`, { windMs: [n, n] }))),
    );
    const first = put[0]!;
    assert.deepEqual(first, vintage(first.id, { windMs: [Number(first.id.slice(1)), Number(first.id.slice(1))] }));
    for (const each of put) assert.deepEqual(each, first);
    assert.deepEqual(await (await again()).list(EVER, PAGE), [first]);
  });

  test(`${name}: vintages are found by place, span, issue and source, newest first`, async () => {
    const { store } = await open();
    await store.put(vintage('old'));
    await store.put(vintage('new', { issuedAt: 200 }));
    await store.put(vintage('other', { source: 'model', issuedAt: 300, start: 5_000 }));
    await store.put(vintage('elsewhere', { location: 'substation:owd' }));
    const ids = async (
      query: Partial<Parameters<WeatherStore['list']>[0]>,
      page: Parameters<WeatherStore['list']>[1] = PAGE,
    ) => (await store.list({ ...EVER, ...query }, page)).map(({ id }) => id);
    assert.deepEqual(await ids({}), ['other', 'new', 'old']);
    assert.deepEqual(await ids({}, { skip: 1, limit: 1 }), ['new']);
    const upTo = await store.stored();
    await store.put(vintage('newest', { issuedAt: 400, source: 'late' }));
    assert.deepEqual(await ids({ source: 'late' }), ['newest']);
    assert.deepEqual(await ids({}, { ...PAGE, upTo }), ['other', 'new', 'old']);
    assert.deepEqual(await ids({ issuedBefore: 199 }), ['old']);
    assert.deepEqual(await ids({ from: 2_000, issuedBefore: 300 }), ['other']);
    assert.deepEqual(await ids({ to: 5_000, source: 'model' }), []);
    assert.deepEqual(await ids({ source: 'bureau' }), ['new', 'old']);
    assert.deepEqual(await ids({ locations: ['substation:owd', 'region:north'], issuedBefore: 300 }), [
      'other',
      'new',
      'elsewhere',
      'old',
    ]);
    assert.deepEqual(await ids({ locations: [] }), []);
  });
}
