import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Forecast } from '../../../../shared/contracts/forecast.ts';
import type { Opened } from '../../../telemetry/testing/store-files.ts';
import type { ForecastStore } from '../forecast-store.ts';
import { issuedForecast } from './issued-forecast.ts';

const TARGET = 'substation:owd';
const model = { id: 'mdl', sha256: null, members: { ridge: 1 } };
const VALUES = [
  [-1.25, 0],
  [0.5, 1],
  [2, 123_456.78],
];
const forecast = (id: string, issuedAt: number, more: Partial<Forecast> = {}): Forecast =>
  issuedForecast(TARGET, issuedAt, { id, model, values: VALUES, ...more });
const week = { from: 2, model, fallback: null };

/** Conformance suite of the forecast store. `open` returns an empty one. */
export function forecastStoreSuite(name: string, open: () => Promise<Opened<ForecastStore>>): void {
  test(`${name}: forecasts and their parts survive a restart, exact to 0.01 kW`, async () => {
    const { store, again } = await open();
    const whole = forecast('a', 1);
    const split = forecast('b', 2, { components: { solar: [-0.5], wind: [-0.25], other: [1.25] } });
    const reconciled = { before: [0.25], spread: [0.9731], series: 4, of: 'forecasts', paths: 112 } as const;
    const made = forecast('d', 3, { mean: [0.51, 2.25], reconciled, components: split.components! });
    await store.put([whole, split, made]);
    const later = await again();
    assert.deepEqual(await later.get('d'), made);
    assert.deepEqual(await later.get('a'), whole);
    assert.deepEqual(await later.get('b'), split);
    assert.equal(await later.get('c'), undefined);
  });

  test(`${name}: the first forecast under an id stays, and those of one call are stored atomically`, async () => {
    const { store } = await open();
    await Promise.all(Array.from({ length: 20 }, async (_, n) => store.put([forecast('a', n), forecast(`b${n}`, n)])));
    const heads = await store.heads({ target: TARGET, kind: 'issued', from: 0, to: 99 });
    assert.equal(heads.length, 21);
    const stored = (await store.get('a'))!;
    await store.put([forecast('a', 99)]);
    assert.deepEqual(await store.get('a'), stored);
    await assert.rejects(store.put([forecast('c', 1), forecast('d', null as never)]));
    assert.equal(await store.get('c'), undefined);
  });

  test(`${name}: the newest forecast is an issued one of the uncontrolled load, short-term or week-ahead`, async () => {
    const { store } = await open();
    await store.put([
      forecast('old', 10),
      forecast('new', 20),
      forecast('week', 30, { extension: week }),
      forecast('net', 40, { load: 'net' }),
      forecast('external', 50, {
        kind: 'external',
        load: 'planned',
        fallback: { level: 'linear', reason: '', since: 1 },
      }),
      forecast('elsewhere', 60, { target: 'region:north' }),
    ]);
    assert.equal((await store.newest(TARGET))!.id, 'new');
    assert.equal((await store.newest(TARGET, 19))!.id, 'old');
    assert.equal(await store.newest(TARGET, 9), undefined);
    assert.equal((await store.newestWeekAhead(TARGET, 30, 30))!.id, 'week');
    assert.equal(await store.newestWeekAhead(TARGET, 31, 99), undefined);
    assert.equal(await store.newestWeekAhead(TARGET, 20, 29), undefined);
    const ids = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id);
    assert.deepEqual(ids(await store.issued(TARGET, { from: 10, to: 30, limit: 9 })), ['old', 'new']);
    assert.deepEqual(ids(await store.issued(TARGET, { from: 0, to: 99, limit: 1 })), ['old']);
    const all = { target: TARGET, from: 0, to: 99 };
    assert.deepEqual(ids(await store.heads({ ...all, kind: 'issued' })), ['old', 'new', 'week']);
    assert.deepEqual(ids(await store.heads({ ...all, kind: 'issued', load: 'net' })), ['net']);
    assert.deepEqual(await store.heads({ ...all, kind: 'external' }), [
      { id: 'external', issuedAt: 50, start: 50, steps: 2, resolutionS: 900, model: 'mdl', isFallback: true },
    ]);
  });

  test(`${name}: error paths keep their first value, the tracker state its last`, async () => {
    const { store, again } = await open();
    for (const [origin, value] of [
      [2, 0.5],
      [1, 1.5],
      [2, 9],
    ] as const)
      await store.putErrorPath(TARGET, origin, new Float32Array([value, Number.NaN]));
    for (const n of [1, 2]) await store.keepTrackerState(TARGET, { n });
    const later = await again();
    assert.deepEqual(await later.errorPaths(TARGET), [
      [1, new Float32Array([1.5, Number.NaN])],
      [2, new Float32Array([0.5, Number.NaN])],
    ]);
    await later.pruneErrorPaths(TARGET, 2);
    assert.equal((await later.errorPaths(TARGET)).length, 1);
    assert.deepEqual(
      [await later.trackerState(TARGET), await later.trackerState('region:north')],
      [{ n: 2 }, undefined],
    );
  });
}
