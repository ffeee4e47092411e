import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Acknowledgement } from '../../shared/contracts/acknowledgement.ts';
import type { Frame, FrameIdentity } from '../../shared/contracts/frame.ts';
import { asksRebirth, decodePayload } from '../../shared/codec/sparkplug.ts';
import { LoadstoneError, unwrap } from '../../shared/outcome/outcome.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { EventLog } from '../audit/event-log.ts';
import { SqliteStore } from '../telemetry/sqlite-store.ts';
import type { Point } from '../telemetry/store.ts';
import { BirthFile } from './birth-file.ts';
import { Ingest, type IngestOptions } from './ingest.ts';
import { Ledger } from './ledger.ts';
import { TestGateway } from './testing/test-gateway.ts';
import { TestLink } from './testing/test-link.ts';

const T0 = Date.UTC(2021, 8, 25);
const gateway = 'owd-01';
const ackTopic = 'loadstone/v1/owd-01/ack';

/** A store that can be told to fail. */
class FragileStore extends SqliteStore {
  fault: LoadstoneError | undefined;
  writes = 0;
  override async write(points: readonly Point[]): Promise<void> {
    this.writes++;
    if (this.fault !== undefined) throw this.fault;
    await super.write(points);
  }
}

interface Rig {
  readonly clock: VirtualClock;
  readonly link: TestLink;
  readonly ledger: Ledger;
  readonly store: FragileStore;
  readonly events: EventLog;
  readonly births: BirthFile;
  readonly ingest: Ingest;
  readonly edge: TestGateway;
  readonly heard: string[];
  readonly frames: { readonly identity: FrameIdentity; readonly frame: Frame; readonly historical: boolean }[];
  /** Runs on, then hands the gateway its acknowledgements and returns them. */
  acks(afterMs?: number): Promise<Acknowledgement[]>;
}

async function rig(options: Partial<IngestOptions> = {}): Promise<Rig> {
  const clock = new VirtualClock(T0);
  const link = new TestLink();
  const ledger = new Ledger(':memory:');
  ledger.open();
  const store = new FragileStore({ path: ':memory:', receivedAt: ledger });
  await store.open();
  const events = new EventLog(':memory:');
  events.open();
  const births = options.births ?? new BirthFile(':memory:');
  births.open();
  const heard: string[] = [];
  const frames: Rig['frames'] = [];
  const ingest = new Ingest({
    link,
    store,
    ledger,
    births,
    events,
    clock,
    group: 'north',
    handlers: {
      onFrame: (identity, frame, { historical }) => void frames.push({ identity, frame, historical }),
      onEvent: (from, event) => void heard.push(`event ${from} ${event.text}`),
      onBirth: (from, device) => void heard.push(`birth ${from} ${device ?? 'node'}`),
      onDeath: (from, device) => void heard.push(`death ${from} ${device ?? 'node'}`),
      onHealth: (from) => void heard.push(`health ${from}`),
      onReport: (from, topic, report) => void heard.push(`${topic} ${from} ${report.stage}`),
      onModelRequest: (from, { index }) => void heard.push(`chunk ${from} ${index}`),
      onRefused: (from, fault) => void heard.push(`refused ${from} ${fault.code}`),
      onStore: (fault) => void heard.push(`store ${fault?.code ?? 'well'}`),
    },
    ...options,
  });
  ingest.start();
  await link.connect();
  const now = (): number => clock.plant.now();
  const edge = new TestGateway({
    gateway,
    group: 'north',
    run: 7,
    send: (topic, payload) => link.deliver(topic, payload),
    now,
  });
  const acks = async (afterMs = 1000): Promise<Acknowledgement[]> => {
    await clock.advance(afterMs);
    const taken = link.take(ackTopic) as Acknowledgement[];
    for (const each of taken) edge.acknowledged(each);
    return taken;
  };
  return { clock, link, ledger, store, events, births, ingest, edge, heard, frames, acks };
}

const activePower = { gateway, device: 'pv-1', metric: 'activePowerKw' };
const stored = async ({ store }: Rig, series = activePower) =>
  (await store.read({ series: [series], start: 0, end: T0 * 2 }))[0]?.map((sample) => [sample.time, sample.value]);
const firstOf = (run: number) => ({ stream: 'measurements' as const, runs: [{ run, firstOffset: 0 }], missing: [] });
const down = new LoadstoneError('LS-STORE-001', 'down');

test('a frame is stored, then in the ledger, then acknowledged; what comes twice counts once', async () => {
  const it = await rig();
  const { edge, link, ledger } = it;
  assert.deepEqual(link.take('spBv1.0/STATE/loadstone-cloud'), [{ online: true, timestamp: T0 }]);
  await edge.born(['pv-1']);
  await edge.sendRanges(firstOf(7));
  edge.accept('pv-1', T0, { activePowerKw: -5, voltagePu: 1.01 });
  edge.accept('pv-1', T0 + 1000, { activePowerKw: -6 });
  for (const offset of [0, 1, 0, 1]) await edge.sendFrame(offset);
  assert.deepEqual(await stored(it), [], 'not before its batch');
  const [ack] = await it.acks();
  assert.deepEqual(ack, { version: 1, stream: 'measurements', run: 7, upTo: 1, ranges: [], refused: [] });
  assert.deepEqual(await stored(it), [
    [T0, -5],
    [T0 + 1000, -6],
  ]);
  assert.equal(ledger.storedCount(gateway), 2);
  assert.equal(ledger.receivedAt(gateway, 0, T0), T0 + 200);
  await edge.sendFrame(0, true);
  assert.equal((await it.acks()).length, 1, 'a repeat is acknowledged again: its acknowledgement may have been lost');
  assert.equal(it.ingest.counts().duplicates, 3);
  assert.equal(it.frames.length, 2);
  assert.deepEqual(it.heard, ['birth owd-01 node', 'birth owd-01 pv-1']);
  assert.equal((await it.acks(9000)).length, 0, 'nothing changes');
  assert.equal((await it.acks(3000)).length, 1, 'each 10 s at least');
});

test('loss and disorder leave ranges, and the same frames again close them', async () => {
  const it = await rig();
  const { edge } = it;
  await edge.born(['pv-1']);
  await edge.sendRanges(firstOf(7));
  for (let n = 0; n < 20; n++) edge.accept('pv-1', T0 + n * 1000, { activePowerKw: n });
  for (const offset of [19, 3, 0, 1, 7, 6]) await edge.sendFrame(offset);
  const [ack] = await it.acks();
  assert.deepEqual(
    [ack?.upTo, ack?.ranges],
    [
      1,
      [
        [3, 3],
        [6, 7],
        [19, 19],
      ],
    ],
  );
  assert.deepEqual(it.ledger.completeness(gateway).missing, 14);
  for (const offset of edge.open()) await edge.sendFrame(offset, true);
  assert.deepEqual((await it.acks())[0]?.upTo, 19);
  assert.deepEqual(edge.open(), []);
  assert.equal((await stored(it))?.length, 20);
});

test('while the store is down nothing is acknowledged, memory is bounded, and all drains afterwards', async () => {
  const it = await rig({ maxHeldPoints: 50, batchPoints: 10 });
  const { edge, store } = it;
  await edge.born(['pv-1']);
  await edge.sendRanges(firstOf(7));
  await it.acks();
  store.fault = down;
  for (let n = 0; n < 200; n++) edge.accept('pv-1', T0 + n * 100, { activePowerKw: n });
  for (const offset of edge.open()) await edge.sendFrame(offset);
  const acks = await it.acks(30_000);
  assert.ok(
    acks.every((ack) => ack.upTo === -1 && ack.ranges.length === 0),
    'no word of any frame',
  );
  assert.equal(it.ingest.counts().heldPoints, 50);
  assert.equal(it.ingest.counts().heldBack, 150);
  assert.ok(store.writes < 15, `tries again with patience: ${store.writes}`);
  store.fault = undefined;
  for (let turn = 0; turn < 10 && edge.open().length > 0; turn++) {
    await it.acks(11_000);
    for (const offset of edge.open()) await edge.sendFrame(offset, true);
  }
  assert.deepEqual(edge.open(), []);
  assert.equal((await stored(it))?.length, 200);
  assert.equal(it.ledger.storedCount(gateway), 200);
  assert.ok(it.heard.includes('store LS-STORE-001') && it.heard.at(-1) === 'store well');
});

test('a frame that cannot be stored is refused with its code, kept as a sample, and stops nothing', async () => {
  const it = await rig();
  const { edge, link, heard } = it;
  await edge.born(['pv-1']);
  await edge.sendRanges(firstOf(7));
  edge.accept('pv-1', T0, { activePowerKw: NaN });
  edge.accept('pv-1', T0 + 3_600_000, { activePowerKw: 1 });
  edge.accept('pv-1', T0 - 90 * 86_400_000, { activePowerKw: 1 });
  edge.accept('pv-1', T0, { activePowerKw: 4 });
  for (const offset of edge.open()) await edge.sendFrame(offset);
  await link.deliver('spBv1.0/north/DDATA/owd-01/pv-1', 'garbage');
  await link.deliver('loadstone/v1/owd-01/reported/health', '{"version":1,"time":NaN}');
  const [ack] = await it.acks();
  assert.equal(ack?.upTo, 3);
  assert.deepEqual(ack?.refused, [
    { offset: 0, code: 'LS-INGEST-002' },
    { offset: 1, code: 'LS-INGEST-003' },
    { offset: 2, code: 'LS-INGEST-003' },
  ]);
  assert.deepEqual(await stored(it), [[T0, 4]]);
  assert.deepEqual(it.ingest.quarantine.counts(), {
    'LS-INGEST-002': 1,
    'LS-INGEST-003': 2,
    'LS-INGEST-001': 1,
    'LS-INGEST-007': 1,
  });
  assert.equal(it.ingest.quarantine.samples().length, 5);
  assert.equal(heard.filter((line) => line.startsWith('refused owd-01')).length, 5);
  const { stored: frames, refused, missing } = it.ledger.completeness(gateway);
  assert.deepEqual([frames, refused, missing], [1, 3, 0]);
});

test('a point that the store itself refuses is found in its batch and refused alone', async () => {
  const it = await rig();
  const { edge, store } = it;
  const write = store.write.bind(store);
  store.write = async (points) => {
    if (points.some((point) => point.value === 13)) throw new LoadstoneError('LS-STORE-002', 'type conflict');
    await write(points);
  };
  await edge.born(['pv-1']);
  await edge.sendRanges(firstOf(7));
  for (let n = 0; n < 20; n++) edge.accept('pv-1', T0 + n, { activePowerKw: n });
  for (const offset of edge.open()) await edge.sendFrame(offset);
  const [ack] = await it.acks();
  assert.deepEqual([ack?.upTo, ack?.refused], [19, [{ offset: 13, code: 'LS-STORE-002' }]]);
  assert.equal((await stored(it))?.length, 19);
});

test('data without a birth asks for a rebirth, at most once in 10 s, and is read when it comes again', async () => {
  const it = await rig();
  const { edge, link, clock } = it;
  const asked = (): number => {
    const found = link.sent.filter((each) => each.topic === 'spBv1.0/north/NCMD/owd-01');
    for (const each of found) {
      assert.ok(asksRebirth(unwrap(decodePayload(each.payload))));
      link.sent.splice(link.sent.indexOf(each), 1);
    }
    return found.length;
  };
  edge.accept('pv-1', T0, { activePowerKw: 1 });
  for (let n = 0; n < 5; n++) await edge.sendFrame(0);
  assert.equal(asked(), 1);
  await clock.advance(10_000);
  await edge.sendFrame(0);
  assert.equal(asked(), 1);
  assert.equal(it.ledger.storedCount(gateway), 0);
  await edge.born(['pv-1']);
  await edge.sendFrame(0);
  await it.acks();
  assert.equal(it.ledger.storedCount(gateway), 1);
  assert.equal(asked(), 0);
  // A gap in the sequence asks too: what got lost may have been a birth.
  await clock.advance(10_000);
  edge.accept('pv-1', T0 + 1, { activePowerKw: 1 });
  edge.accept('pv-1', T0 + 2, { activePowerKw: 1 });
  edge.encode(1);
  await edge.sendFrame(2);
  assert.equal(asked(), 1);
  assert.equal(it.ingest.counts().rebirths, 3);
});

test('an old alias never names a new session: births after the node birth count', async () => {
  const it = await rig();
  const { edge } = it;
  await edge.born(['pv-1', 'pv-2']);
  edge.accept('pv-2', T0, { activePowerKw: 1 });
  await edge.born(['pv-1']);
  await edge.sendFrame(0);
  await it.acks();
  assert.equal(it.ledger.storedCount(gateway), 0, 'pv-2 is not named in this session');
  await edge.deviceBorn('pv-2');
  await edge.sendFrame(0);
  await it.acks();
  assert.equal(it.ledger.storedCount(gateway), 1);
  for (let births = 0; births < 4; births++) {
    await edge.born(['pv-1']);
    await edge.sendFrame(edge.accept('pv-2', T0 + 1 + births, { activePowerKw: 1 }));
  }
  assert.deepEqual((await it.acks())[0]?.refused, [{ offset: 4, code: 'LS-INGEST-005' }], 'no birth ever names it');
});

test('aliases outlive a restart of the cloud', async () => {
  const births = new BirthFile(':memory:');
  const first = await rig({ births });
  await first.edge.born(['pv-1']);
  const second = await rig({ births });
  second.edge.accept('pv-1', T0, { activePowerKw: 3 });
  await second.edge.sendFrame(0);
  await second.acks();
  assert.equal(second.ledger.storedCount(gateway), 1);
  assert.equal(second.ingest.counts().rebirths, 1, 'its state is asked for all the same');
});

test('life and death of nodes and devices; the late will of an earlier session kills nobody', async () => {
  const { edge, heard, ingest } = await rig();
  edge.bdSeq = 4;
  await edge.born(['pv-1']);
  await edge.died(3);
  assert.equal(ingest.isAlive(gateway), true);
  await edge.deviceDied('pv-1');
  assert.deepEqual(ingest.devices(gateway), []);
  await edge.deviceBorn('pv-1');
  assert.deepEqual(ingest.devices(gateway), ['pv-1']);
  await edge.died();
  await edge.died();
  assert.equal(ingest.isAlive(gateway), false);
  assert.deepEqual(heard, [
    'birth owd-01 node',
    'birth owd-01 pv-1',
    'death owd-01 pv-1',
    'birth owd-01 pv-1',
    'death owd-01 node',
  ]);
});

test('events: logged once, acknowledged, one that does not fit refused alone', async () => {
  const it = await rig();
  const { edge, heard, events } = it;
  const event = (text: string) => ({ time: T0, kind: 'event', severity: 'info', code: 'test', text }) as const;
  await edge.sendRanges({ ...firstOf(7), stream: 'events' });
  await edge.sendEvents([
    { offset: 0, event: event('one') },
    { offset: 1, event: { ...event('two'), severity: 'dreadful' as 'high' } },
    { offset: 2, event: event('three') },
  ]);
  await edge.sendEvents([
    { offset: 2, event: event('three') },
    { offset: 3, event: event('four') },
  ]);
  const [ack] = await it.acks();
  assert.deepEqual(ack, {
    version: 1,
    stream: 'events',
    run: 7,
    upTo: 3,
    ranges: [],
    refused: [{ offset: 1, code: 'LS-INGEST-007' }],
  });
  assert.deepEqual(
    events.list({ after: 0, limit: 9 }).map((view) => view.text),
    ['one', 'three', 'four'],
  );
  assert.deepEqual(
    heard.filter((line) => line.startsWith('event')),
    ['event owd-01 one', 'event owd-01 three', 'event owd-01 four'],
  );
  events.close();
  await edge.sendEvents([{ offset: 4, event: event('five') }]);
  assert.equal((await it.acks())[0]?.upTo, 3, 'the log is down: not acknowledged');
});

test('what a gateway dropped or lost closes its gaps', async () => {
  const it = await rig();
  const { edge } = it;
  await edge.born(['pv-1']);
  for (let n = 0; n < 10; n++) edge.accept('pv-1', T0 + n, { activePowerKw: n });
  for (const offset of [0, 1, 8, 9]) await edge.sendFrame(offset);
  const missing = [{ run: 7, from: 2, to: 7, reason: 'dropped' as const, detail: 'budget' }];
  await edge.sendRanges({ ...firstOf(7), missing });
  assert.equal((await it.acks()).at(-1)?.upTo, 9);
  const { stored: frames, dropped, complete } = it.ledger.completeness(gateway);
  assert.deepEqual([frames, dropped, complete], [4, 6, true]);
});

test('a foreign Sparkplug node is read as well as can be, and marked', async () => {
  const it = await rig();
  const { link, frames } = it;
  const { default: library } = await import('sparkplug-payload');
  const codec = library.get('spBv1.0');
  assert.ok(codec);
  const send = async (
    type: string,
    device: string | undefined,
    metrics: Parameters<typeof codec.encodePayload>[0]['metrics'],
  ) =>
    link.deliver(
      `spBv1.0/north/${type}/foreign-1${device === undefined ? '' : `/${device}`}`,
      codec.encodePayload({ timestamp: T0, seq: 0, metrics: metrics ?? [] }),
    );
  await send('NBIRTH', undefined, [{ name: 'Uptime', alias: 1, type: 'Int32', value: 5 }]);
  await send('DBIRTH', 'meter-1', [
    { name: 'Power/Total', alias: 2, type: 'Float', value: 5 },
    { name: 'Serial', alias: 3, type: 'String', value: 'x' },
  ]);
  await send('DDATA', 'meter-1', [
    { name: '', alias: 2, type: 'Float', value: 7.5, timestamp: T0 + 5 },
    { name: '', alias: 3, type: 'String', value: 'y', timestamp: T0 + 5 },
  ]);
  await it.acks();
  const series = { gateway: 'foreign-1', device: 'meter-1', metric: 'Power/Total' };
  assert.deepEqual(await stored(it, series), [[T0 + 5, 7.5]]);
  assert.equal(frames[0]?.identity.run, 0);
  assert.equal(link.take('loadstone/v1/foreign-1/ack').length, 0);
  assert.equal(it.ledger.receivedAt('foreign-1', 0, T0 + 5), T0 + 200);
});

test('heartbeats each 60 s of plant time; STATE goes offline at the end, after all is stored', async () => {
  const it = await rig({ epoch: () => 3 });
  const { edge, link, clock, ingest } = it;
  await edge.born(['pv-1']);
  link.take('loadstone/v1/owd-01/heartbeat');
  await clock.advance(180_000);
  assert.deepEqual(
    link.take('loadstone/v1/owd-01/heartbeat'),
    [60, 120, 180].map((s) => ({ version: 1, time: T0 + s * 1000, epoch: 3 })),
  );
  await edge.sendFrame(edge.accept('pv-1', T0, { activePowerKw: 1 }));
  link.take('spBv1.0/STATE/loadstone-cloud');
  await ingest.stop();
  assert.equal((await stored(it))?.length, 1);
  assert.deepEqual(
    link
      .take(ackTopic)
      .map((ack) => (ack as Acknowledgement).ranges)
      .at(-1),
    [[0, 0]],
  );
  assert.deepEqual(link.take('spBv1.0/STATE/loadstone-cloud'), [{ online: false, timestamp: T0 }]);
});

test('topics of nobody and of others are refused, and so is a name that is none', async () => {
  const { link, ingest } = await rig();
  for (const topic of [
    'loadstone/v1/owd-01/ack',
    'loadstone/v2/owd-01/events',
    'spBv1.0/north/NDATA/__proto__',
    'loadstone/v1/../events',
  ]) {
    await link.deliver(topic, '{}');
  }
  assert.ok(
    (ingest.quarantine.counts()['LS-INGEST-004'] ?? 0) + (ingest.quarantine.counts()['LS-INGEST-001'] ?? 0) === 4,
  );
});
