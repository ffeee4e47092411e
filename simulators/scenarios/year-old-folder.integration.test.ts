import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { closeStores, makeStores, openStores } from '../../cloud/compose/stores.ts';
import { dataFiles } from '../../cloud/telemetry/data-files.ts';
import { SqliteStore } from '../../cloud/telemetry/sqlite-store.ts';
import type { Point } from '../../cloud/telemetry/store.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { playMonth } from '../bench/month.ts';
import { readRecording } from '../bench/recording.ts';
import { cloudFiles, folderOf, start } from '../cli/testing/started.ts';

const DAY_MS = 86_400_000;
const AGE_DAYS = 450;
const GATEWAY = 'gateway-1';
const now = Math.round(new SystemClock(() => undefined).machine.now());
const series = { gateway: GATEWAY, device: 'feeder-1', metric: 'activePowerKw' };

/** A data folder written by the real stores a little each day for more than a year, and never pruned. */
async function oldFolder(data: string, scratch: string): Promise<void> {
  const { forecasts, plans, events } = await readRecording(scratch);
  const stores = makeStores(data, dataFiles(data), () => undefined);
  await openStores(stores);
  const telemetry = new SqliteStore({ path: join(data, 'telemetry.sqlite') });
  await telemetry.open();
  for (let day = AGE_DAYS; day > 0; day--) {
    const at = now - day * DAY_MS;
    const said = Array.from({ length: 20 }, (_, n) => ({ event: { ...events[n % events.length]!, time: at } }));
    await stores.events.appendAll([{ source: GATEWAY, events: said }], at);
    const job = `job_${day}`;
    await stores.jobs.add(job, { kind: 'none', owner: 'who', request: {} }, { createdAt: at, most: 9 });
    await stores.jobs.finish(job, { status: 'cancelled', at });
    const target = 'substation:owd';
    await stores.forecasts.put([{ ...forecasts[0]!, target, id: `fc-${day}`, issuedAt: at, start: at }]);
    const { type, version, body } = plans[0]!;
    const times = { issuedAt: at, acceptUntil: at + 1, validFrom: at, validUntil: at + 1 };
    await stores.documents.add<'plan'>({
      type,
      version,
      gateway: GATEWAY,
      ...times,
      body: { ...body, id: `plan-${day}` },
    });
    const stored = { gateway: GATEWAY, stream: 'measurements', run: 7 } as const;
    const entries = Array.from({ length: 96 }, (_, n) => ({
      ...stored,
      offset: (AGE_DAYS - day) * 96 + n,
      time: at + n * 900_000,
    }));
    const points = entries.map(({ offset, time }): Point => ({
      series,
      time,
      offset,
      value: 1,
      quality: 'good',
      origin: 'measured',
    }));
    await telemetry.write(points);
    await stores.ledger.record(entries, at + DAY_MS);
  }
  await telemetry.close();
  closeStores(stores);
}

test('a folder older than a year starts, serves the first page, and prunes expired data within three plant hours', async (t) => {
  const folder = folderOf(t);
  const { config, data } = cloudFiles(folder);
  await oldFolder(data, join(folder, 'recorded'));
  const rows = (file: string, sql: string): number => {
    const db = new DatabaseSync(join(data, file), { readOnly: true });
    try {
      return Number(Object.values(db.prepare(sql).get()!)[0]);
    } finally {
      db.close();
    }
  };
  assert.equal(rows('state.sqlite', 'SELECT count(*) FROM event'), 20 * AGE_DAYS);
  const played = await playMonth({
    folder: data,
    days: 3 / 24,
    names: [GATEWAY],
    start: now - (3 / 24) * DAY_MS,
    say: (line) => t.diagnostic(line),
  });
  t.diagnostic(JSON.stringify(played));
  const oldest = {
    events: rows('state.sqlite', 'SELECT min(received_at) FROM event'),
    jobs: rows('state.sqlite', 'SELECT min(finished_at) FROM job'),
    plans: rows('state.sqlite', `SELECT min(issued_at) FROM document`),
    forecasts: rows('planner.sqlite', 'SELECT min(issued_at) FROM forecast'),
  };
  const days = Object.fromEntries(
    Object.entries(oldest).map(([name, time]) => [name, Math.round((now - time) / DAY_MS)]),
  );
  assert.deepEqual(days, { events: 400, jobs: 90, plans: 14, forecasts: 365 });
  assert.ok(rows('telemetry.sqlite', 'SELECT count(*) FROM rollup') > 30_000, 'roll-ups are made and kept');

  writeFileSync(config, readFileSync(config, 'utf8').replace('api: { port: 0 }', 'api: { port: 0, guests: true }'));
  const cloud = start(t, 'cloud', '--config', config);
  await cloud.says(/Loadstone cloud: http\S+/);
  const url = /Loadstone cloud: (http\S+)/.exec(cloud.said())![1]!;
  for (const path of [
    '/v1/view/region',
    '/v1/view/gateways',
    '/v1/events?limit=200',
    '/v1/alarms',
    '/v1/substations',
  ]) {
    const answer = await fetch(`${url}${path}`);
    assert.equal(answer.status, 200, `${path}: ${await answer.text()}`);
  }
});
