import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InfluxStore } from './influx-store.ts';
import { InfluxRig } from './testing/influx-rig.ts';
import { DAY, HOUR, keyOf, MIN, noneWaits, pointOf, points, rollAll, sqliteOf, T0 } from './testing/rolled-points.ts';

const influx = new InfluxRig('rollup-faults');

test('a roll-up older than the retention of the server does not block others', async (t) => {
  const store = await influx.opened(t, 'expired');
  const recent = Math.floor(Date.now() / DAY) * DAY - DAY;
  await store.write(points(0, { from: T0, count: 1440 }));
  await store.write(points(2, { from: recent, count: 60 }));
  await influx.rows('expired', 'ALTER RETENTION POLICY autogen ON expired DURATION 10d');
  // The first series is past retention altogether.
  await rollAll(store, recent + DAY);
  assert.deepEqual(await influx.rows('expired', "SELECT * FROM telemetry_rollup WHERE device = 'meter-0'"), []);
  const found = await influx.rows('expired', "SELECT count(mean) FROM telemetry_rollup WHERE device = 'meter-2'");
  assert.equal(found[0]?.[1], 5);
  assert.deepEqual(store.waitingRollups(), noneWaits);
});

test('a write in progress while its quarter is rolled up counts in it', async (t) => {
  const { promise: isHeld, resolve: held } = Promise.withResolvers<void>();
  const { promise: isFree, resolve: free } = Promise.withResolvers<void>();
  const url = await influx.door(t, {
    asked: async ({ body }) => {
      if (!body.includes('device=meter-0') || !body.includes(`${T0 + 30 * MIN}`)) return;
      held();
      await isFree;
    },
  });
  const store = await influx.opened(t, 'under-way', { url });
  const all = points(0, { from: T0, count: 60 });
  await store.write(all.filter((_, at) => at !== 30));
  // The store reads the progress, and so notes nothing that is not late.
  await store.intervals({ series: [keyOf(0)], start: T0, end: T0 + HOUR, resolutionS: 900 });
  const writing = store.write([all[30]!]);
  await isHeld;
  const rolling = rollAll(store, T0 + 3 * HOUR);
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 10));
  free();
  await Promise.all([writing, rolling]);
  const sqlite = await sqliteOf(t, all);
  const query = { series: [keyOf(0)], start: T0, end: T0 + HOUR, resolutionS: 900 };
  const again = await influx.opened(t, 'under-way');
  await influx.rows('under-way', 'DROP MEASUREMENT telemetry');
  assert.deepEqual(await again.intervals(query), await sqlite.intervals(query));
});

test('a slice that a server crash left incomplete is computed again', async (t) => {
  let isCrashed = false;
  const url = await influx.door(t, {
    asked: async ({ body, send }) => {
      const lines = body.split('\n').filter((line) => line.startsWith('telemetry_rollup'));
      if (lines.length > 1 && !isCrashed) {
        isCrashed = true;
        await send(lines.slice(lines.length / 2).join('\n'));
      }
      if (isCrashed) throw new Error('gone');
    },
  });
  const sqlite = await sqliteOf(t);
  const all = points(0, { from: T0, count: 10 * 96, everyS: 900 });
  const first = await influx.opened(t, 'crashed', { url });
  for (const each of [first, sqlite]) await each.write(all);
  await assert.rejects(rollAll(first, T0 + 11 * DAY), { code: 'LS-STORE-001' });
  assert.notDeepEqual(await influx.rows('crashed', 'SELECT * FROM telemetry_rollup'), []);
  const query = { series: [keyOf(0)], start: T0, end: T0 + 10 * DAY, resolutionS: 3600 };
  const again = await influx.opened(t, 'crashed');
  assert.deepEqual(await again.intervals(query), await sqlite.intervals(query));
  await rollAll(again, T0 + 11 * DAY);
  assert.deepEqual(await again.intervals(query), await sqlite.intervals(query));
});

for (const [name, waits, statement] of [
  ['gateway', 'gateways', /last\(value\).*'owd-00'/],
  ['series', 'series', /value, mark.*'meter-0'/],
] as const)
  test(`a ${name} that the server refuses to read is reported once, blocks no other, and is retried`, async (t) => {
    let isRefused = true;
    const faults: string[] = [];
    const database = `refused-${name}`;
    const url = await influx.door(t, {
      asked: ({ statement: asked }) =>
        isRefused && statement.test(asked) ? 'max-select-point limit exceeded' : undefined,
    });
    const store = await influx.opened(t, database, { url, onRollupFault: ({ message }) => faults.push(message) });
    const other = await influx.opened(t, database);
    for (const n of [0, 1]) await other.write(points(n, { from: T0, count: 100 }));
    const rolled = async (): Promise<number> =>
      (await influx.rows(database, 'SELECT count(mean) FROM telemetry_rollup GROUP BY device')).length;
    await rollAll(store, T0 + DAY);
    await rollAll(store, T0 + DAY);
    assert.equal(await rolled(), 1);
    assert.equal(faults.length, 1);
    assert.match(faults[0]!, /max-select-point/);
    assert.deepEqual(store.waitingRollups(), { ...noneWaits, [waits]: 1 });
    isRefused = false;
    await rollAll(store, T0 + DAY);
    assert.deepEqual([await rolled(), store.waitingRollups(), faults.length], [2, noneWaits, 1]);
  });

test('a stop does not wait for a frozen server', async (t) => {
  const { promise: isAsked, resolve: asked } = Promise.withResolvers<void>();
  const url = await influx.door(t, {
    asked: ({ statement }) => {
      if (!statement.includes('value, mark')) return;
      asked();
      return new Promise(() => undefined);
    },
  });
  const store = await influx.opened(t, 'frozen', { url });
  await store.write(points(0, { from: T0, count: 100 }));
  const stopping = new AbortController();
  const maintaining = store.maintain(T0 + DAY, stopping.signal);
  await isAsked;
  stopping.abort();
  assert.equal(await maintaining, false);
  assert.equal(await store.maintain(T0 + DAY, stopping.signal), false);
});

test('a late value between a failed try and its retry is still rolled up', async (t) => {
  const { promise: isDone, resolve: done } = Promise.withResolvers<void>();
  const { promise: isFree, resolve: free } = Promise.withResolvers<void>();
  let isAway = false;
  let isSlow = false;
  const url = await influx.door(t, {
    asked: async ({ body }) => {
      if (isAway) throw new Error('away');
      if (!isSlow || !/^telemetry_late\S+ done=/.test(body)) return;
      done();
      await isFree;
    },
  });
  const store = await influx.opened(t, 'retried', { url });
  const all = points(0, { from: T0, count: 60 });
  await store.write(all.filter((_, at) => at !== 30));
  await rollAll(store, T0 + 3 * HOUR);
  isAway = true;
  await assert.rejects(store.write([all[30]!]), { code: 'LS-STORE-001' });
  isAway = false;
  isSlow = true;
  const rolling = store.maintain(T0 + 3 * HOUR);
  await isDone;
  await store.write([all[30]!]);
  free();
  await rolling;
  // A fresh store without any state.
  const again = await influx.opened(t, 'retried');
  await rollAll(again, T0 + 3 * HOUR);
  const sqlite = await sqliteOf(t, all);
  const query = { series: [keyOf(0)], start: T0, end: T0 + HOUR, resolutionS: 900 };
  assert.deepEqual(await again.intervals(query), await sqlite.intervals(query));
});

test('a cloud that may have been replaced discards the roll-up in progress and reads it again', async (t) => {
  const database = 'thawed';
  let isAlone = true;
  let other: InfluxStore | undefined;
  const late = pointOf(0, T0 + 20 * MIN);
  const url = await influx.door(t, {
    asked: async ({ statement, send, body }) => {
      if (other === undefined || !statement.includes('value, mark')) return;
      const answer = await send(body);
      const successor = other;
      other = undefined;
      isAlone = false;
      await successor.write([late]);
      await rollAll(successor, T0 + DAY);
      return answer;
    },
  });
  const reported: string[] = [];
  const onRollupFault = ({ message }: Error): void => void reported.push(message);
  const store = await influx.opened(t, database, { url, isAlone: () => isAlone, onRollupFault });
  const all = points(0, { from: T0, count: 13, everyS: 300 });
  await store.write(all.filter(({ time }) => time !== late.time));
  other = await influx.opened(t, database);
  await assert.rejects(rollAll(store, T0 + DAY), { code: 'LS-STORE-001' });
  assert.match(reported.join(), /^a roll-up is not written: another cloud may have replaced this one/);
  const sqlite = await sqliteOf(t, all);
  const query = { series: [keyOf(0)], start: T0, end: T0 + HOUR, resolutionS: 900 };
  assert.deepEqual(await (await influx.opened(t, database)).intervals(query), await sqlite.intervals(query));
  isAlone = true;
  await rollAll(store, T0 + DAY);
  assert.deepEqual(await store.intervals(query), await sqlite.intervals(query));
});
