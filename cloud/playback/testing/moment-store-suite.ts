import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Opened } from '../../telemetry/testing/store-files.ts';
import type { Moment } from '../moment.ts';
import type { MomentStore, RecordedMoment } from '../moment-store.ts';

const CALM: Moment = {
  speed: 1,
  link: { state: 'up', since: 1 },
  health: null,
  overrides: [],
  findings: [],
  suspected: [],
  exchange: null,
  gone: ['battery-1'],
  alarms: 0,
  planStatus: 'none',
};
const recorded = (gateway: string, at: number, alarms = 0): RecordedMoment => ({
  gateway,
  at,
  moment: { ...CALM, alarms },
});

/** Contract of every moment store. `open` returns an empty one. */
export function momentStoreSuite(name: string, open: () => Promise<Opened<MomentStore>>): void {
  test(`${name}: the newest moment of a gateway in a span survives a restart; at equal times the last one wins`, async () => {
    const { store, again } = await open();
    await store.put([recorded('owd-01', 10), recorded('whf-01', 15)]);
    await Promise.all([store.put([recorded('owd-01', 20, 1)]), store.put([recorded('owd-01', 20, 2)])]);
    await store.put([]);
    const later = await again();
    const newest = (after: number, at: number) => later.newest('owd-01', { after, at });
    assert.deepEqual(await newest(0, 19), recorded('owd-01', 10));
    assert.deepEqual(await newest(0, 20), recorded('owd-01', 20, 2));
    assert.deepEqual(await newest(0, Number.MAX_SAFE_INTEGER), recorded('owd-01', 20, 2));
    assert.equal(await newest(10, 19), undefined);
    assert.equal(await newest(20, 99), undefined);
  });

  test(`${name}: the moments of one call are stored together or not at all`, async () => {
    const { store } = await open();
    await assert.rejects(store.put([recorded('owd-01', 10), { ...recorded('owd-01', 20), gateway: null as never }]));
    assert.equal(await store.newest('owd-01', { after: 0, at: 99 }), undefined);
  });
}
