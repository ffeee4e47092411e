import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { telemetryConformance } from './testing/conformance.ts';
import { WorkerStore } from './worker-store.ts';
import { numberedPoints, numberedSeries } from './testing/numbered-points.ts';

const dir = mkdtempSync(join(tmpdir(), 'loadstone-store-'));

telemetryConformance('SQLite behind a worker', {
  make: async (receivedAt) => new WorkerStore({ path: join(dir, 'conformance.db'), receivedAt }),
});

test('written data is readable after close and in another worker', async () => {
  const path = join(dir, 'again.db');
  const first = new WorkerStore({ path });
  await first.open();
  await first.write(numberedPoints(0, 10));
  await first.close();
  await assert.rejects(first.write(numberedPoints(10, 1)), { message: 'the telemetry store is not open' });
  const second = new WorkerStore({ path });
  await second.open();
  await second.write(numberedPoints(5, 10));
  const [samples] = await second.read({ series: [numberedSeries], start: 0, end: 2_000_000_000_000 });
  assert.equal(samples?.length, 15);
  await second.close();
});

test('the worker queue is bounded: points that do not fit are rejected and not stored', async () => {
  const store = new WorkerStore({ path: join(dir, 'bounded.db'), maxWaitingPoints: 100 });
  await store.open();
  const answers = await Promise.allSettled([0, 1, 2].map((n) => store.write(numberedPoints(n * 80, 80))));
  assert.deepEqual(
    answers.map((each) => each.status),
    ['fulfilled', 'rejected', 'rejected'],
  );
  await store.write(numberedPoints(80, 80));
  const [samples] = await store.read({ series: [numberedSeries], start: 0, end: 2_000_000_000_000 });
  assert.equal(samples?.length, 160);
  await store.close();
});

test('a file written by a newer Loadstone is rejected, and the fault names the store', async () => {
  const { DatabaseSync } = await import('node:sqlite');
  const path = join(dir, 'newer.db');
  const db = new DatabaseSync(path);
  db.exec('PRAGMA user_version = 999');
  db.close();
  const store = new WorkerStore({ path });
  await assert.rejects(store.open(), { code: 'LS-DATA-005', message: /newer Loadstone/ });
  await store.close();
  const query = { series: [numberedSeries], start: 0, end: 1 };
  await assert.rejects(store.read(query), /not open/, 'a closed store starts no worker');
});

test.after(() => rmSync(dir, { recursive: true, force: true }));
