import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { SqliteStore } from './sqlite-store.ts';
import { stepOf, Trends } from './trend.ts';

const T0 = Date.UTC(2021, 8, 25);
const MINUTE = 60_000;
const key = (device: string) => ({ gateway: 'owd-01', device, metric: 'activePowerKw' });

test('the trend of a reversed meter is negated, and that of a dead one is empty from then on', async (t) => {
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
  const trends = new Trends(store, (_gateway, meter) => faults.filter(({ device }) => device === meter));
  const { items } = await trends.of(query);
  assert.deepEqual(
    items.map(({ mean }) => mean),
    [
      [300, 300, null, null],
      [100, 101, 102, 103],
    ],
  );
});

test('the step grows with the span, and with the number of series if raw samples are read', () => {
  const hour = 60 * MINUTE;
  const steps = (hours: number, series: number, most = 400): number => stepOf(hours * hour, { most, series });
  assert.deepEqual([steps(0.5, 60), steps(24, 1), steps(31 * 24, 4), steps(366 * 24, 4)], [5, 300, 7200, 86_400]);
  assert.equal(steps(48, 1, 1000), 300);
  assert.equal(steps(48, 20, 1000), 900, 'twenty series of two days are read from the roll-up');
});

test('a month over a filled store is answered only from roll-ups, with as many points as a screen shows', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-trend-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'telemetry.sqlite');
  const minutes = 31 * 1440;
  const filled = new SqliteStore({ path });
  await filled.open();
  // A sawtooth within each quarter: every roll-up has mean 107, min 100 and max 114.
  const points = Array.from({ length: minutes }, (_, minute) => ({
    series: key('transformer'),
    time: T0 + minute * MINUTE,
    offset: minute,
    value: 100 + (minute % 15),
    quality: 'good' as const,
    origin: 'measured' as const,
  }));
  for (let at = 0; at < minutes; at += 10_000) await filled.write(points.slice(at, at + 10_000));
  const end = T0 + minutes * MINUTE;
  for (let pieces = 0; pieces < 4; pieces++) await filled.maintain(end + 60 * MINUTE);
  await filled.close();
  // A reader of raw samples would return wrong values.
  const file = new DatabaseSync(path);
  const { changes } = file.prepare('UPDATE point SET value = -1').run();
  file.close();
  assert.ok(Number(changes) > 40_000, `${changes} samples`);
  const store = new SqliteStore({ path });
  await store.open();
  t.after(() => store.close());
  const trends = new Trends(store, () => []);
  const { stepS, items } = await trends.of({ series: [key('transformer')], start: T0, end, most: 400 });
  assert.deepEqual([stepS, items[0]!.mean.length], [7200, 372]);
  // The last step includes what is not rolled up yet.
  for (const [column, value] of [
    ['mean', 107],
    ['min', 100],
    ['max', 114],
  ] as const)
    assert.deepEqual(new Set(items[0]![column].slice(0, -1)), new Set([value]), column);
});

test('trends are read one at a time, short ones first, and the queue is bounded', async () => {
  const begun: string[] = [];
  const { promise: isOpen, resolve: open } = Promise.withResolvers<void>();
  const intervals = async ({ series }: { series: readonly { device: string }[] }) => {
    begun.push(series[0]!.device);
    await isOpen;
    return [[]];
  };
  const trends = new Trends({ intervals }, () => []);
  const ask = (device: string, days: number) =>
    trends.of({ series: [key(device)], start: T0, end: T0 + days * 1440 * MINUTE, most: 400 });
  const asked = [ask('year', 365), ...Array.from({ length: 38 }, () => ask('month', 31)), ask('day', 1)];
  await assert.rejects(ask('day', 1), { code: 'LS-API-009' });
  await new Promise(setImmediate);
  assert.deepEqual(begun, ['year', 'day']);
  open();
  await Promise.all(asked);
  assert.equal(begun.length, 40);
  await ask('day', 1);
});
