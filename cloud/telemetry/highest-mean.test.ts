import assert from 'node:assert/strict';
import { test } from 'node:test';
import { highestMean } from './highest-mean.ts';
import { SqliteStore } from './sqlite-store.ts';

const T0 = Date.UTC(2021, 8, 1);
const MINUTE = 60_000;
const head = { gateway: 'owd-01', device: 'transformer', metric: 'activePowerKw' };

test('the highest mean of whole quarters counts, not a spike, an older one or the quarter that runs', async () => {
  const store = new SqliteStore({ path: ':memory:' });
  await store.open();
  // One value a minute: 500 kW, a spike of a minute, one quarter at 700 kW, and much more before and after the span.
  const kw = (minute: number): number =>
    minute < 0 || minute >= 120 ? 2000 : minute === 20 ? 3000 : minute >= 60 && minute < 75 ? 700 : 500;
  await store.write(
    Array.from({ length: 150 }, (_, at) => at - 15).map((minute, offset) => ({
      series: head,
      time: T0 + minute * MINUTE,
      offset,
      value: kw(minute),
      quality: 'good',
      origin: 'measured',
    })),
  );
  const over = { since: T0, until: T0 + 121 * MINUTE, resolutionS: 900 };
  const most = await highestMean(store, head, over);
  assert.ok(Math.abs(most! - 700) < 1, `${most} kW`);
  assert.equal(await highestMean(store, { ...head, device: 'other' }, over), undefined);
  assert.equal(await highestMean(store, head, { ...over, until: T0 + MINUTE }), undefined);
  await store.close();
});
