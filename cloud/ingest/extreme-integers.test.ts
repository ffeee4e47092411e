import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { encodeDeviceDeath, encodeFrame, encodeNodeBirth, encodeNodeDeath } from '../../shared/codec/sparkplug.ts';
import { sparkplugTopic, topicFor, type TopicName } from '../../shared/topics/topics.ts';
import { OpenedEvents } from '../audit/testing/opened-events.ts';
import { health } from '../dashboard/testing/fixture-reports.ts';
import { dataFiles } from '../telemetry/data-files.ts';
import { BirthFile } from './birth-file.ts';
import { LedgerFile } from './ledger-file.ts';
import { Ledger } from './ledger.ts';
import { ingestRig, T0 } from './testing/ingest-rig.ts';
import { TestGateway } from './testing/test-gateway.ts';

/** Critical numbers: the limits of 31, 32, 53, 63 and 64 bits, and integers that only a double can hold. */
const extremes = [
  -1,
  0,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 31 + 1,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 52,
  Number.MAX_SAFE_INTEGER - 1,
  Number.MAX_SAFE_INTEGER,
  2 ** 53,
  2 ** 60,
  2 ** 63,
  2 ** 64,
  1e300,
  -(2 ** 53),
  -(2 ** 60),
];
const integers = fc.oneof(fc.constantFrom(...extremes), fc.maxSafeInteger());

const event = { time: T0, kind: 'event', severity: 'info', code: 'test', text: 'a test', count: 2 };
const sha256 = 'ab'.repeat(32);
const loss = { n: 3, model: 1, seasonalNaive: 1, seasonalNaiveWeek: 1, sameHourMean: 1 };
const samples: readonly (readonly [TopicName, object])[] = [
  ['events', { version: 1, run: 7, items: [{ offset: 3, event }] }],
  [
    'ranges',
    {
      version: 1,
      stream: 'measurements',
      runs: [
        { run: 7, firstOffset: 2 },
        { run: 8, firstOffset: 9 },
      ],
      missing: [{ run: 7, from: 0, to: 1, reason: 'lost', detail: 'damaged' }],
    },
  ],
  ['health', health('owd', T0, 0)],
  [
    'sessions',
    { version: 1, time: T0, sites: [{ device: 'ev-1', sessions: [{ id: 'a', departure: T0, maxKw: 11, minKw: 1 }] }] },
  ],
  ['reportedPlan', { version: 1, type: 'plan', id: 'plan-1', epoch: 1, sequence: 2, stage: 'accepted', time: T0 }],
  ['commandResult', { version: 1, type: 'command', id: 'cmd-1', epoch: 1, sequence: 2, stage: 'applied', time: T0 }],
  ['modelRequest', { sha256, index: 0 }],
  [
    'reportedTraining',
    {
      version: 1,
      task: 'round-1-a',
      round: 1,
      base: sha256,
      time: T0,
      learntFrom: T0,
      learntTo: T0,
      samples: 10,
      update: { sha256, bytes: 10 },
      metrics: {
        window: '14 days',
        nMae: 1,
        pinball: 1,
        coverage80: 0.8,
        seasonalNaiveNMae: 1,
        seasonalNaivePinball: 1,
      },
      days: [{ day: T0, ...loss }],
    },
  ],
];

type Path = readonly (string | number)[];

/** Paths of the integers in a value. */
function integersIn(value: unknown, path: Path = []): Path[] {
  if (Number.isInteger(value)) return [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => integersIn(each, [...path, key]));
}

function withInteger(value: object, path: Path, integer: number): object {
  const copy = structuredClone(value) as Record<string | number, unknown>;
  let at = copy;
  for (const key of path.slice(0, -1)) at = at[key] as typeof copy;
  at[path.at(-1)!] = integer;
  return copy;
}

const leaves = samples.flatMap(([topic, sample]) => integersIn(sample).map((path) => ({ topic, sample, path })));
const hostile = 'owd-66';
const honest = 'owd-01';

test('no integer in a report stops the store, another gateway or the next start', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-'));
  const open = async () => {
    const parts = {
      ledger: new Ledger(new LedgerFile(join(folder, 'ledger.sqlite'))),
      events: new OpenedEvents(join(folder, 'events.sqlite')),
      births: new BirthFile(join(folder, 'births.sqlite')),
    };
    for (const part of [parts.ledger, parts.births]) await part.open();
    return parts;
  };
  const close = (parts: Awaited<ReturnType<typeof open>>): void => {
    for (const part of Object.values(parts)) part.close();
  };
  try {
    const parts = await open();
    const it = await ingestRig(parts);
    const { link, clock, edge, heard } = it;
    await edge.born(['pv-1']);
    let offset = 0;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...leaves), integers, async ({ topic, sample, path }, integer) => {
        const changed = topic === 'events' ? withInteger(sample, ['items', '0', 'offset'], 1000 + offset) : sample;
        await link.deliver(topicFor(topic, hostile), JSON.stringify(withInteger(changed, path, integer)));
        await edge.sendEvents([{ offset, event: { ...event, kind: 'event', severity: 'info', text: `no ${offset}` } }]);
        await clock.advance(1000);
        const what = `${topic} ${path.join('.')} = ${integer}`;
        assert.ok(heard.includes(`event ${honest} no ${offset}`), `an honest gateway's event after ${what}`);
        assert.ok(!heard.some((line) => line.startsWith('store LS')), `the store answers after ${what}`);
        heard.length = 0;
        offset++;
      }),
      { numRuns: 1500, endOnFailure: true },
    );
    await it.ingest.stop();
    close(parts);
    const again = await open();
    assert.equal(again.ledger.storedCount(honest, 'events'), offset);
    assert.equal((await again.events.list({ source: honest, limit: 1 }))[0]?.text, `no ${offset - 1}`);
    for (const run of [7, 8, 2 ** 32 - 1]) again.ledger.coverage(hostile, 'measurements', run);
    again.ledger.completeness(hostile);
    close(again);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a ledger that holds a number beyond 2^53 opens and accounts for the rest', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-'));
  const path = join(folder, 'ledger.sqlite');
  try {
    const before = new Ledger(new LedgerFile(path));
    await before.open();
    await before.record([{ gateway: honest, stream: 'measurements', run: 7, offset: 0, time: T0 }], T0);
    before.close();
    const db = new DatabaseSync(path);
    db.exec(`DROP TABLE span;
      CREATE TABLE span (
        run INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, state TEXT NOT NULL,
        received_at INTEGER NOT NULL, time_from INTEGER, time_to INTEGER, code TEXT, PRIMARY KEY (run, first)
      ) WITHOUT ROWID;
      INSERT INTO span SELECT id, 0, 0, 'stored', ${T0}, ${T0}, ${T0}, NULL FROM run;
      INSERT INTO run (gateway, stream, run) VALUES ('owd-66', 'measurements', 9007199254740992);
      INSERT INTO span VALUES (last_insert_rowid(), 0, 5, 'lost', 1, NULL, NULL, 'x');
      INSERT INTO run (gateway, stream, run, first_offset) VALUES ('owd-66', 'events', 5, 1152921504606846976);
      INSERT INTO span VALUES (last_insert_rowid(), 3, 4, 'stored', 1, 1, 1, NULL),
        (last_insert_rowid(), 7, 1152921504606846976, 'lost', 1, NULL, NULL, 'x');
      ALTER TABLE run DROP COLUMN opened_at; DROP TABLE folded; DROP TABLE store; PRAGMA user_version = 1`);
    db.close();
    const ledger = new Ledger(new LedgerFile(dataFiles(folder).state));
    await ledger.open();
    assert.equal(ledger.storedCount(honest), 1);
    assert.equal(ledger.storedCount(hostile, 'events'), 2);
    assert.deepEqual(ledger.coverage(hostile, 'measurements', 0), { upTo: -1, ranges: [] });
    ledger.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('an impossible document number is distinguished from an invalid report', async () => {
  const { link, ingest } = await ingestRig();
  const report = samples.find(([topic]) => topic === 'reportedPlan')![1];
  const off = Number.MAX_SAFE_INTEGER;
  await link.deliver(topicFor('reportedPlan', hostile), JSON.stringify({ ...report, epoch: off }));
  const sick = withInteger(health('owd', T0, 0), ['plan', 'epoch'], off);
  await link.deliver(topicFor('health', hostile), JSON.stringify(sick));
  await link.deliver(topicFor('reportedPlan', hostile), JSON.stringify({ ...report, stage: 'eaten' }));
  assert.deepEqual(ingest.quarantine.counts(), { 'LS-DOC-011': 2, 'LS-INGEST-007': 1 });
});

test('no integer in a Sparkplug payload stops the store, another gateway or the next start', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-'));
  const path = (name: string): string => join(folder, name);
  try {
    const births = new BirthFile(path('births.sqlite'));
    const ledger = new Ledger(new LedgerFile(path('ledger.sqlite')));
    await ledger.open();
    const deaths: number[] = [];
    const it = await ingestRig({
      births,
      ledger,
      handlers: { onDeath: (_gateway, device, at) => void (device !== undefined && deaths.push(at)) },
    });
    const { link, clock } = it;
    const bad = new TestGateway({
      gateway: hostile,
      group: 'north',
      run: 2 ** 32 - 1,
      send: (topic, payload) => link.deliver(topic, payload),
      now: () => clock.plant.now(),
    });
    await bad.born(['pv-1']);
    const frame = {
      device: 'pv-1',
      time: T0,
      values: [{ metric: 'activePowerKw', value: 1, quality: 'good', origin: 'measured' } as const],
    };
    const unsigned = extremes.filter((each) => each >= 0 && each < 2 ** 64);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...unsigned), fc.constantFrom(...unsigned), async (one, other) => {
        const body = { run: one % 2 ** 32, offset: other, monotonicMs: other };
        const topic = (type: 'DDATA' | 'DDEATH' | 'NBIRTH' | 'NDEATH'): string =>
          sparkplugTopic('north', type, hostile, type.startsWith('D') ? 'pv-1' : undefined);
        const seq = one;
        const data = encodeFrame({
          frame,
          body,
          seq,
          sentAt: other,
          historical: false,
          aliasOf: (metric) => bad.alias('pv-1', metric),
        });
        await link.deliver(topic('DDATA'), data);
        await link.deliver(topic('DDEATH'), encodeDeviceDeath(seq, other));
        await link.deliver(topic('NDEATH'), encodeNodeDeath(one, other));
        await link.deliver(topic('NBIRTH'), encodeNodeBirth({ bdSeq: one, sentAt: other, software: 'x' }));
        await bad.deviceBorn('pv-1');
        await clock.advance(1000);
      }),
      { numRuns: 200, endOnFailure: true },
    );
    assert.ok(
      deaths.length > 0 && deaths.every((at) => at <= clock.plant.now()),
      'a death is reported at a valid time',
    );
    await it.edge.born(['pv-1']);
    it.edge.accept('pv-1', clock.plant.now(), { activePowerKw: -5 });
    await it.edge.sendFrame(0);
    await clock.advance(1000);
    assert.equal(ledger.storedCount(honest), 1);
    await it.ingest.stop();
    births.close();
    ledger.close();
    const again = new Ledger(new LedgerFile(path('ledger.sqlite')));
    await again.open();
    assert.equal(again.storedCount(honest), 1);
    again.nextOffset(hostile, 'measurements', 0);
    again.close();
    const reborn = new BirthFile(path('births.sqlite'));
    reborn.open();
    assert.ok((await reborn.load()).some(({ gateway }) => gateway === honest));
    reborn.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
