import { SqlitePeopleStore } from '../access/sqlite-people-store.ts';
import { peopleStoreSuite } from '../access/testing/people-store-suite.ts';
import { SqliteAlarmStore } from '../alarms/sqlite-alarm-store.ts';
import { alarmStoreSuite } from '../alarms/testing/alarm-store-suite.ts';
import { IdempotencyStore } from '../api/answers/idempotency-store.ts';
import { storedAnswersSuite } from '../api/answers/testing/stored-answers-suite.ts';
import { SqliteAttemptStore } from '../audit/sqlite-attempt-store.ts';
import { SqliteEventStore } from '../audit/sqlite-event-store.ts';
import { attemptStoreSuite } from '../audit/testing/attempt-store-suite.ts';
import { eventStoreSuite } from '../audit/testing/event-store-suite.ts';
import { SqliteAreaStore } from '../desk/sqlite-area-store.ts';
import { SqliteDeskStore } from '../desk/sqlite-desk-store.ts';
import { SqliteInterventionStore } from '../desk/sqlite-intervention-store.ts';
import { areaStoreSuite } from '../desk/testing/area-store-suite.ts';
import { deskStoreSuite } from '../desk/testing/desk-store-suite.ts';
import { interventionStoreSuite } from '../desk/testing/intervention-store-suite.ts';
import { SqliteForecastStore } from '../forecast/serve/sqlite-forecast-store.ts';
import { forecastStoreSuite } from '../forecast/serve/testing/forecast-store-suite.ts';
import { SqliteIncidentStore } from '../incidents/sqlite-incident-store.ts';
import { incidentStoreSuite } from '../incidents/testing/incident-store-suite.ts';
import { BirthFile } from '../ingest/birth-file.ts';
import { LedgerFile } from '../ingest/ledger-file.ts';
import { Ledger } from '../ingest/ledger.ts';
import { birthStoreSuite, oldBirthsSuite } from '../ingest/testing/birth-store-suite.ts';
import { ledgerStoreSuite } from '../ingest/testing/ledger-store-suite.ts';
import { SqliteJobStore } from '../jobs/sqlite-job-store.ts';
import { jobStoreSuite } from '../jobs/testing/job-store-suite.ts';
import { SqliteMessageStore } from '../notify/sqlite-message-store.ts';
import { messageStoreSuite } from '../notify/testing/message-store-suite.ts';
import { SqliteDocumentStore } from '../plan/send/sqlite-document-store.ts';
import { documentStoreSuite } from '../plan/send/testing/document-store-suite.ts';
import { SqliteMomentStore } from '../playback/sqlite-moment-store.ts';
import { momentStoreSuite } from '../playback/testing/moment-store-suite.ts';
import { SqliteBacktestStore } from '../planner/backtest/sqlite-backtest-store.ts';
import { backtestStoreSuite } from '../planner/backtest/testing/backtest-store-suite.ts';
import { SqliteExportStore } from '../planner/export/sqlite-export-store.ts';
import { exportStoreSuite } from '../planner/export/testing/export-store-suite.ts';
import { SqliteAnnotationStore } from '../planner/inputs/sqlite-annotation-store.ts';
import { annotationStoreSuite } from '../planner/inputs/testing/annotation-store-suite.ts';
import { SqliteUploadStore } from '../planner/inputs/sqlite-upload-store.ts';
import { SqliteWeatherStore } from '../planner/inputs/sqlite-weather-store.ts';
import { uploadStoreSuite } from '../planner/inputs/testing/upload-store-suite.ts';
import { weatherStoreSuite } from '../planner/inputs/testing/weather-store-suite.ts';
import { SqliteScenarioStore } from '../planner/scenario/sqlite-scenario-store.ts';
import { scenarioStoreSuite } from '../planner/scenario/testing/scenario-store-suite.ts';
import { SqliteWebhookStore } from '../planner/webhooks/sqlite-webhook-store.ts';
import { webhookStoreSuite } from '../planner/webhooks/testing/webhook-store-suite.ts';
import { SqliteModelRegistry } from '../forecast/registry/sqlite-model-registry.ts';
import { modelRegistrySuite } from '../forecast/registry/testing/model-registry-suite.ts';
import { SqliteLastRuns } from '../schedule/sqlite-last-runs.ts';
import { lastRunsSuite } from '../schedule/testing/last-runs-suite.ts';
import { SqliteShiftStore } from '../shift/sqlite-shift-store.ts';
import { shiftStoreSuite } from '../shift/testing/shift-store-suite.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { Client } from 'pg';
import { until } from '../../shared/testing/until.ts';
import { postgresForFile } from './testing/postgres-stores.ts';
import { NoteStore, sqlSuite } from './testing/sql-suite.ts';
import { first, run } from './sql.ts';

const EVENT = { time: 1, kind: 'event', severity: 'info', code: 'x' } as const;
const { folder, stores, connected, newSchema, kill, start, url } = await postgresForFile();

sqlSuite('PostgreSQL', (make) => stores(make));

test('processes that start at once migrate each missing step once', async () => {
  const schema = newSchema();
  const all = Array.from({ length: 6 }, (_, n) => new NoteStore(connected(schema), 1 + (n % 2)));
  for (const each of all) each.open();
  const opened = await Promise.allSettled(all.map((each) => each.opened()));
  const refused = opened.flatMap((each) => (each.status === 'rejected' ? [String(each.reason)] : []));
  // An older version came after a newer one.
  const newer =
    'LoadstoneError: the database has step 2 of notes, this version knows 1: it was written by a newer Loadstone';
  assert.deepEqual(new Set(refused), new Set(refused.length === 0 ? [] : [newer]));
  const later = new NoteStore(connected(schema), 2);
  later.open();
  await later.of.run("INSERT INTO note (name) VALUES ('a')");
  assert.deepEqual(
    (await later.of.rows('SELECT tag FROM note')).map(({ tag }) => tag),
    ['none'],
  );
  const older = new NoteStore(connected(schema), 1);
  older.open();
  await assert.rejects(older.opened(), { message: newer.replace('LoadstoneError: ', '') });
});

test('concurrent writers in several processes do not undo each other', async () => {
  const schema = newSchema();
  const all = Array.from({ length: 4 }, () => new NoteStore(connected(schema)));
  for (const each of all) each.open();
  await all[0]!.of.run("INSERT INTO note (name, seen) VALUES ('sum', 0)");
  const addOne = function* () {
    const row = yield* first("SELECT seen FROM note WHERE name = 'sum'");
    yield* run("UPDATE note SET seen = ? WHERE name = 'sum'", Number(row!['seen']) + 1);
  };
  await Promise.all(all.flatMap((each) => Array.from({ length: 10 }, () => each.of.transaction(addOne))));
  const jobs = all.map(() => new SqliteJobStore(connected(schema)));
  for (const each of jobs) each.open();
  for (const each of jobs) await each.opened();
  const asked = { kind: 'forecast', owner: 'anna', request: {} };
  const many = Array.from({ length: 10 }, (_, n) => n);
  const added = await Promise.all(
    jobs.flatMap((each, n) => many.map((m) => each.add(`${n}-${m}`, asked, { createdAt: 1, most: 7 }))),
  );
  assert.equal(added.filter((each) => each !== undefined).length, 7, 'as many as fit');
  const taken = await Promise.all(jobs.flatMap((each) => many.map(() => each.take())));
  const ids = taken.flatMap((each) => each?.job.id ?? []);
  assert.deepEqual([ids.length, new Set(ids).size], [7, 7], 'each to one');
  const [row] = await all[0]!.of.rows('SELECT seen FROM note');
  assert.equal(row!['seen'], 40);
});

test('a reader beside an owner changes nothing', async () => {
  const schema = newSchema();
  const other = new NoteStore(connected(schema));
  other.open();
  await other.opened();
  const jobs = new SqliteJobStore(connected(schema));
  const reader = new SqliteJobStore(connected(schema, true));
  reader.open();
  await assert.rejects(reader.opened(), { code: 'LS-STATE-001', message: /step 0 of jobs/ });
  jobs.open();
  await jobs.add('one', { kind: 'forecast', owner: 'anna', request: {} }, { createdAt: 1, most: 7 });
  await jobs.take();
  await reader.opened();
  await assert.rejects(reader.requeue(), { code: 'LS-STORE-001', message: /read-only transaction/ });
  assert.equal((await reader.get('one'))?.status, 'running');
});

test('a reader that follows events by number misses none of two processes, whichever commits first', async (t) => {
  const schema = newSchema();
  const [slow, fast, reader] = [0, 1, 2].map(() => new SqliteEventStore(connected(schema))) as [
    SqliteEventStore,
    SqliteEventStore,
    SqliteEventStore,
  ];
  const eventsOf = (source: string) => [{ source, events: [{ event: { ...EVENT, text: source } }] }];
  for (const each of [slow, fast, reader]) each.open();
  // Each start takes the lock of the tables too: all are over before waits are counted.
  for (const each of [slow, fast, reader]) await each.opened();
  const by = new Client({ connectionString: url });
  t.after(() => by.end());
  await by.connect();
  const waiting = async (): Promise<number> =>
    (await by.query("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND wait_event = 'advisory'"))
      .rowCount ?? 0;
  // Holds one writer up after it has drawn its number.
  await by.query(
    `CREATE FUNCTION ${schema}.held() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN PERFORM pg_advisory_xact_lock(4711); RETURN new; END $$;
     CREATE TRIGGER held BEFORE INSERT ON ${schema}.event FOR EACH ROW WHEN (new.source = 'slow') EXECUTE FUNCTION ${schema}.held();
     SELECT pg_advisory_lock(4711)`,
  );
  const first = slow.commit(eventsOf('slow'), 1);
  await until('it is blocked', async () => (await waiting()) === 1);
  const done = { is: false };
  const second = fast.commit(eventsOf('fast'), 1).finally(() => (done.is = true));
  await until('the other is done, or waits for it', async () => done.is || (await waiting()) === 2);
  const seen = await reader.list({ after: 0, limit: 9 });
  await by.query('SELECT pg_advisory_unlock(4711)');
  await Promise.all([first, second]);
  seen.push(...(await reader.list({ after: seen.at(-1)?.id ?? 0, limit: 9 })));
  assert.deepEqual(
    seen.map(({ text }) => text),
    ['slow', 'fast'],
  );
});

test('bulk data does not use up the connections of other stores', async (t) => {
  const postgres = connected(newSchema());
  const store = new NoteStore(postgres);
  const bulk = Array.from({ length: 12 }, () => new NoteStore(postgres.bulk));
  for (const each of [store, ...bulk]) {
    each.open();
    await each.opened();
  }
  const by = new Client({ connectionString: url });
  t.after(() => by.end());
  await by.connect();
  await by.query('SELECT pg_advisory_lock(4712)');
  const held = bulk.map((each) => each.of.rows('SELECT pg_advisory_xact_lock_shared(4712)'));
  const over = Promise.allSettled(held);
  const waits = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND wait_event = 'advisory'";
  await until('all of its connections are blocked', async () => ((await by.query(waits)).rowCount ?? 0) >= 4);
  await store.of.run("INSERT INTO note (name) VALUES ('in time')");
  await by.query('SELECT pg_advisory_unlock(4712)');
  await over;
});

test('the death of a server is reported, loses nothing, and is recovered from', async () => {
  const store = new NoteStore(connected(newSchema()));
  store.open();
  const acknowledged: string[] = [];
  const writing = (async () => {
    for (;;) {
      const name = `n${acknowledged.length}`;
      await store.of.run('INSERT INTO note (name) VALUES (?)', name);
      acknowledged.push(name);
    }
  })();
  const said = assert.rejects(writing, {
    code: 'LS-STORE-001',
    message: new RegExp(`^PostgreSQL at ${new URL(url).host}/postgres: `),
  });
  while (acknowledged.length < 20) await Promise.race([said, new Promise(setImmediate)]);
  await kill();
  await said;
  await assert.rejects(store.of.rows('SELECT 1'), { code: 'LS-STORE-001', message: /ECONNREFUSED/ });
  await start();
  const stored = await store.of.rows('SELECT name FROM note ORDER BY id');
  // The write under way may be there too: its caller got no answer.
  assert.deepEqual(
    stored.slice(0, acknowledged.length).map(({ name }) => name),
    acknowledged,
  );
  assert.ok(stored.length <= acknowledged.length + 1);
});

test('the ledger loses nothing that it has acknowledged when its database is killed twice', async () => {
  const schema = newSchema();
  const opened = async (): Promise<Ledger> => {
    const ledger = new Ledger(new LedgerFile(connected(schema)));
    await ledger.open();
    return ledger;
  };
  const ledger = await opened();
  const entry = (offset: number) =>
    ({ gateway: 'owd-01', stream: 'measurements', run: 7, offset, time: 1000 * offset }) as const;
  const state = { promised: 0, refused: 0 };
  // Like ingest: what was not acknowledged is sent again, and what was stored all the same is not counted twice.
  const record = async (count: number, over: Promise<void>): Promise<void> => {
    const upTo = state.promised + count;
    while (state.promised < upTo) {
      const next = [entry(state.promised), entry(state.promised + 1)];
      try {
        await ledger.record(next, 5000);
        state.promised += next.length;
      } catch (error) {
        assert.equal((error as LoadstoneError).code, 'LS-STORE-001');
        state.refused++;
        await over;
      }
    }
  };
  for (const kills of [1, 2]) {
    await record(20 * kills, Promise.resolve());
    const over = kill().then(start);
    // A session may outlive its server for a moment.
    while (state.refused < kills) await record(2, over);
    await over;
  }
  const { promised } = state;
  for (const each of [ledger, await opened()]) {
    assert.equal(each.storedCount('owd-01'), promised);
    assert.deepEqual(each.coverage('owd-01', 'measurements', 7).ranges, [[0, promised - 1]]);
    assert.equal((await each.completenessBetween('owd-01', { from: 0, to: 3_600_000 })).stored, promised);
  }
});

// The same stores and the same suites as on SQLite.
ledgerStoreSuite(
  'ledger on PostgreSQL',
  stores((at) => new LedgerFile(at)),
);
birthStoreSuite(
  'births on PostgreSQL',
  stores((at) => new BirthFile(at)),
);
oldBirthsSuite('births on PostgreSQL', () => connected(newSchema()));
peopleStoreSuite(
  'people on PostgreSQL',
  stores((at) => new SqlitePeopleStore(at)),
);
documentStoreSuite(
  'documents on PostgreSQL',
  stores((at) => new SqliteDocumentStore(at)),
);
alarmStoreSuite(
  'alarms on PostgreSQL',
  stores((at) => new SqliteAlarmStore(at)),
);
eventStoreSuite(
  'events on PostgreSQL',
  stores((at) => new SqliteEventStore(at)),
);
attemptStoreSuite(
  'attempts on PostgreSQL',
  stores((at) => new SqliteAttemptStore(at)),
);
deskStoreSuite(
  'desk on PostgreSQL',
  stores((at) => new SqliteDeskStore(at)),
);
areaStoreSuite(
  'areas on PostgreSQL',
  stores((at) => new SqliteAreaStore(at)),
);
interventionStoreSuite(
  'interventions on PostgreSQL',
  stores((at) => new SqliteInterventionStore(at)),
);
incidentStoreSuite(
  'incidents on PostgreSQL',
  stores((at) => new SqliteIncidentStore(at)),
);
shiftStoreSuite(
  'shift log on PostgreSQL',
  stores((at) => new SqliteShiftStore(at)),
);
messageStoreSuite(
  'messages on PostgreSQL',
  stores((at) => new SqliteMessageStore(at)),
);
jobStoreSuite(
  'jobs on PostgreSQL',
  stores((at) => new SqliteJobStore(at)),
);
lastRunsSuite(
  'last runs on PostgreSQL',
  stores((at) => new SqliteLastRuns(at)),
);
annotationStoreSuite(
  'annotations on PostgreSQL',
  stores((at) => new SqliteAnnotationStore(at)),
);
webhookStoreSuite(
  'webhooks on PostgreSQL',
  stores((at) => new SqliteWebhookStore(at)),
);
exportStoreSuite(
  'exports on PostgreSQL',
  stores((at) => new SqliteExportStore(at, folder)),
);
modelRegistrySuite(
  'models on PostgreSQL',
  stores((at) => new SqliteModelRegistry(at)),
);
forecastStoreSuite(
  'forecasts on PostgreSQL',
  stores((at) => new SqliteForecastStore(at)),
);
storedAnswersSuite(
  'answers on PostgreSQL',
  stores((at) => new IdempotencyStore(at)),
);
momentStoreSuite(
  'moments on PostgreSQL',
  stores((at) => new SqliteMomentStore(at)),
);
uploadStoreSuite(
  'uploads on PostgreSQL',
  stores((at) => new SqliteUploadStore(at)),
);
weatherStoreSuite(
  'weather on PostgreSQL',
  stores((at) => new SqliteWeatherStore(at)),
);
scenarioStoreSuite(
  'scenarios on PostgreSQL',
  stores((at) => new SqliteScenarioStore(at)),
);
backtestStoreSuite(
  'backtests on PostgreSQL',
  stores((at) => new SqliteBacktestStore(at)),
);
