import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SqliteStore } from './sqlite-store.ts';
import { trendOf } from './trend.ts';

const T0 = Date.UTC(2021, 8, 25);
const MINUTE = 60_000;
const key = (device: string) => ({ gateway: 'owd-01', device, metric: 'activePowerKw' });

test('the trend of a reversed meter is turned, and a dead one says nothing from then on', async (t) => {
  const store = new SqliteStore({ path: ':memory:' });
  await store.open();
  t.after(() => store.close());
  const read = (device: string, minute: number, value: number) => ({
    series: key(device),
    time: T0 + minute * MINUTE,
    offset: minute,
    value,
    quality: 'good' as const,
    origin: 'measured' as const,
  });
  await store.write(
    [0, 1, 2, 3].flatMap((minute) => [
      read('transformer', minute, minute < 2 ? 300 : 0),
      read('feeder-1', minute, -100 - minute),
    ]),
  );
  const faults = [
    { device: 'transformer', finding: 'dead', since: T0 + 2 * MINUTE },
    { device: 'feeder-1', finding: 'reversed', since: T0 },
  ];
  const query = { series: ['transformer', 'feeder-1'].map(key), start: T0, end: T0 + 4 * MINUTE, most: 4 };
  const { items } = await trendOf(store, query, (_gateway, meter) => faults.filter(({ device }) => device === meter));
  assert.deepEqual(
    items.map(({ mean }) => mean),
    [
      [300, 300, null, null],
      [100, 101, 102, 103],
    ],
  );
});
