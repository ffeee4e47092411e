import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { REPORT_ENCODING, ReportReader } from '../../shared/codec/packed-report.ts';
import type { RangeReport } from '../../shared/contracts/acknowledgement.ts';
import type { Link } from '../../shared/ports/link.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { SimDisk } from '../../simulators/sim/sim-disk.ts';
import { SimProcess } from '../../simulators/sim/sim-process.ts';
import { encodeRebirthCommand } from '../../shared/codec/sparkplug.ts';
import { sparkplugTopic, stateTopic, topicFor } from '../../shared/topics/topics.ts';
import { uncontrolledLoad } from '../../shared/forecast/uncontrolled.ts';
import { openJournal } from '../journal/testing/bench-journal.ts';
import { RangeReporter } from './range-reporter.ts';
import { frameOf, START, UplinkBench } from './testing/bench.ts';
import { RESET_FILE } from './trust-reset.ts';
import { UplinkCore } from './uplink-core.ts';

const rough = { drop: 0.1, duplicate: 0.05, delayMs: [5, 900], reorder: true } as const;

test('accepted frames arrive live, are acknowledged, and leave no backlog', async () => {
  const bench = new UplinkBench(1);
  bench.cloud.start();
  const gateway = await bench.startGateway();
  await bench.clock.advance(2000);
  await bench.produce(gateway, 20);
  await bench.clock.advance(3000);
  assert.equal(bench.cloud.stored.size, 60);
  assert.equal(bench.cloud.repeats, 0);
  assert.equal(bench.cloud.historical, 0);
  assert.equal(bench.cloud.seqGaps, 0);
  assert.equal(gateway.core.journal.state().backlogFrames, 0);
  assert.deepEqual(bench.cloud.births, [0]);
  assert.deepEqual(
    gateway.heard.filter(({ kind }) => kind === 'link'),
    [{ kind: 'link', connected: true }],
  );
});

test('a gateway subscribes to nothing that the broker of a cloud of version 0.1.0 refuses', async () => {
  const bench = new UplinkBench(1);
  const asked: string[] = [];
  const link: Link = {
    connected: false,
    open: ({ subscriptions }) => void asked.push(...subscriptions),
    publish: async () => false,
    close: async () => undefined,
  };
  const ports = { clock: bench.clock, disk: bench.disk, random: new SeededRandom(1) };
  const core = new UplinkCore(bench.config, { ...ports, link });
  await core.start(() => undefined);
  await bench.clock.advance(1000);
  await core.stop();
  // That broker closes the connection of a gateway that names a topic it does not know, such as desired/keys and desired/weather.
  assert.deepEqual(asked.toSorted(), [
    'loadstone/v1/owd-01/ack',
    'loadstone/v1/owd-01/command',
    'loadstone/v1/owd-01/desired/+',
    'loadstone/v1/owd-01/heartbeat',
    'loadstone/v1/owd-01/model/chunk',
    'loadstone/v1/owd-01/training/request',
    'spBv1.0/STATE/loadstone-cloud',
    'spBv1.0/north/NCMD/owd-01',
  ]);
});

test('after an hour offline live frames go first, then the backlog as historical, everything once', async () => {
  const bench = new UplinkBench(2);
  bench.cloud.start();
  const gateway = await bench.startGateway();
  await bench.produce(gateway, 10);
  await bench.network.partition('owd-01');
  await bench.produce(gateway, 3600);
  assert.ok(gateway.core.journal.state().backlogFrames > 10_000);
  bench.network.heal();
  await bench.produce(gateway, 60);
  await bench.clock.advance(5000);
  assert.equal(bench.cloud.stored.size, 3 * 3670);
  assert.ok(bench.cloud.repeats <= 6, 'only frames in flight, or their acknowledgement, when the link was cut');
  assert.ok(bench.cloud.historical > 10_000);
  assert.equal(gateway.core.journal.state().backlogFrames, 0);
  assert.deepEqual(bench.cloud.deaths, [0], 'the will of the first session');
  assert.equal(bench.cloud.births.length, 2);
  assert.notEqual(bench.cloud.births[1], 0);
});

test('every accepted record is stored once despite loss, reordering, partitions, kills and power cuts', async () => {
  for (let seed = 1; seed <= 12; seed++) {
    const bench = new UplinkBench(seed, { faults: rough });
    bench.cloud.start();
    let gateway = await bench.startGateway();
    for (let step = 0; step < 14; step++) {
      await bench.produce(gateway, 5 + (bench.random.uint32() % 20));
      await bench.note(gateway);
      const dice = bench.random.next();
      if (dice < 0.2) await bench.network.partition('owd-01');
      else if (dice < 0.4) bench.network.heal();
      else if (dice < 0.5) await bench.network.stopBroker();
      else if (dice < 0.6) bench.network.startBroker();
      else if (dice < 0.8) {
        bench.killGateway(gateway, dice < 0.7);
        await bench.clock.advance(bench.random.next() * 5000);
        gateway = await bench.startGateway();
        await bench.note(gateway);
      }
    }
    bench.network.startBroker();
    bench.network.heal();
    await bench.note(gateway);
    await bench.clock.advance(120_000);
    const replay = `seed ${seed}`;
    assert.equal(gateway.core.journal.state().backlogFrames, 0, replay);
    assert.equal(gateway.core.journal.state().lostFrames, 0, replay);
    for (const [key, entry] of bench.accepted) assert.deepEqual(bench.cloud.stored.get(key), frameOf(entry), replay);
    const contents = new Set([...bench.cloud.stored.values()].map(({ device, time }) => `${device} ${time}`));
    assert.equal(contents.size, bench.cloud.stored.size, `${replay}: no frame under two identities`);
    assert.ok(bench.network.lost > 0);
  }
});

test('a trust reset is reported once, at the next start, and its file stays until the journal has it', async () => {
  const bench = new UplinkBench(6);
  bench.cloud.start();
  const note = { who: 'anna', reason: 'new cloud', from: 'a', to: 'b', marks: ['plan (3, 41)'] };
  await bench.disk.replace(RESET_FILE, Buffer.from(JSON.stringify(note)));
  const gateway = await bench.startGateway();
  await bench.clock.advance(0);
  assert.equal(await bench.disk.read(RESET_FILE), undefined);
  bench.killGateway(gateway, true);
  await bench.startGateway();
  await bench.clock.advance(5000);
  const resets = [...bench.cloud.events.values()].filter(({ code }) => code === 'trust.reset');
  assert.equal(resets.length, 1);
  assert.match(resets[0]!.text, /by anna: new cloud/);
});

test('a trust reset is reported even if the disk was full at the first start after it', async () => {
  const bench = new UplinkBench(7);
  bench.cloud.start();
  const note = { who: 'anna', reason: 'new cloud', from: 'a', to: 'b', marks: [] };
  await bench.disk.replace(RESET_FILE, Buffer.from(JSON.stringify(note)));
  bench.disk.capacity = 0;
  const gateway = await bench.startGateway();
  bench.killGateway(gateway, true);
  bench.disk.capacity = Number.POSITIVE_INFINITY;
  await bench.startGateway();
  await bench.clock.advance(5000);
  const resets = [...bench.cloud.events.values()].filter(({ code }) => code === 'trust.reset');
  assert.equal(resets.length, 1);
});

test('a failing tick does not stop the following ones', async () => {
  const bench = new UplinkBench(8);
  const core = new UplinkCore(bench.config, {
    clock: bench.clock,
    link: bench.network.link(new SimProcess(bench.clock)),
    disk: bench.disk,
    random: new SeededRandom(8),
  });
  let isFirst = true;
  let delivered = 0;
  await core.start(({ kind }) => {
    if (kind !== 'journal') return;
    if (isFirst) {
      isFirst = false;
      throw new Error('nobody listens');
    }
    delivered++;
  });
  await assert.rejects(bench.clock.advance(1500), /nobody listens/);
  await bench.clock.advance(5000);
  assert.equal(delivered, 1);
  await core.stop();
});

test('a record is closed only after the cloud has stored it', async () => {
  const bench = new UplinkBench(5, { faults: rough });
  bench.cloud.start();
  const gateway = await bench.startGateway();
  const { journal } = gateway.core;
  for (let round = 0; round < 60; round++) {
    await bench.produce(gateway, 1);
    for (let offset = 0; offset < journal.next('measurements'); offset++) {
      if (!journal.isClosed('measurements', offset)) continue;
      assert.ok(bench.cloud.accounted('measurements', journal.run, offset), `offset ${offset}`);
    }
  }
});

test('a cloud restored from a backup gets its lost records again', async () => {
  const bench = new UplinkBench(6);
  bench.cloud.start();
  const gateway = await bench.startGateway();
  await bench.produce(gateway, 30);
  const backup = new Map(bench.cloud.stored);
  await bench.produce(gateway, 60);
  const all = new Map(bench.cloud.stored);
  bench.cloud.restore(backup);
  await bench.clock.advance(60_000);
  assert.deepEqual(bench.cloud.stored, all);
});

test('a cloud restored from a backup gets lost records of earlier runs again', async () => {
  const disk = new SimDisk();
  const earlier = await openJournal(disk, { run: 1 });
  await earlier.write('a', 'b', 'c');
  earlier.journal.acknowledge('measurements', 1, 2, []);
  await earlier.journal.close();
  const { journal, clock } = await openJournal(disk, { run: 2 });
  let reports = 0;
  const publish = async (json: string): Promise<boolean> => {
    if ((JSON.parse(json) as RangeReport).stream !== 'measurements') return true;
    reports++;
    // The cloud acknowledges an earlier run once for each report.
    journal.acknowledge('measurements', 1, 0, []);
    return true;
  };
  const reporter = new RangeReporter({ journal, clock, publish });
  await reporter.report();
  for (let second = 0; second < 60; second++) {
    await clock.advance(1000);
    await reporter.tick(0);
  }
  const open = await journal.backlog('measurements', { from: 0, limit: 9, skip: () => false });
  assert.deepEqual(
    open.map(({ offset }) => offset),
    [1, 2],
  );
  assert.equal(reports, 2, 'once confirmed, there is nothing more to ask');
});

test('dropped ranges are reported and accounted for', async () => {
  const bench = new UplinkBench(7, { maxMb: 0.1 });
  bench.cloud.start();
  const gateway = await bench.startGateway();
  await bench.produce(gateway, 5);
  await bench.network.partition('owd-01');
  await bench.produce(gateway, 600);
  bench.network.heal();
  await bench.clock.advance(60_000);
  const { droppedFrames, backlogFrames } = gateway.core.journal.state();
  assert.ok(droppedFrames > 0);
  assert.equal(backlogFrames, 0);
  const first = bench.cloud.ranges.find(({ missing }) => missing.length > 0)?.missing[0];
  assert.equal(droppedFrames, (first?.to ?? 0) - (first?.from ?? 0) + 1);
  assert.deepEqual(gateway.core.journal.report('measurements').missing, [], 'the cloud has noted it');
  for (let offset = 0; offset < 3 * 605; offset++) {
    assert.ok(bench.cloud.accounted('measurements', gateway.core.journal.run, offset), `offset ${offset}`);
  }
  assert.ok([...bench.cloud.events.values()].some(({ code }) => code === 'LS-JOURNAL-003'));
});

test('births are sent on request, per device and for new names', async () => {
  const bench = new UplinkBench(8);
  bench.cloud.start();
  const gateway = await bench.startGateway();
  await bench.produce(gateway, 5);
  await bench.cloud.say(sparkplugTopic('north', 'NCMD', 'owd-01'), encodeRebirthCommand(0));
  gateway.core.send({ kind: 'device-link', device: 'pv-1', alive: false });
  gateway.core.send({ kind: 'device-link', device: 'pv-1', alive: true });
  await bench.produce(gateway, 5);
  assert.deepEqual(bench.cloud.births, [0, 0], 'a rebirth keeps its bdSeq');
  assert.equal(bench.cloud.seqGaps, 0);
  assert.equal(bench.cloud.stored.size, 30);
});

test('after a rebirth request the next health report is complete', async () => {
  const bench = new UplinkBench(17);
  bench.cloud.start();
  const gateway = await bench.startGateway();
  await bench.clock.advance(2000);
  const heartbeat = { version: 1, time: START, epoch: 1, reads: [REPORT_ENCODING] };
  await bench.cloud.say(topicFor('heartbeat', 'owd-01'), new TextEncoder().encode(JSON.stringify(heartbeat)));
  const devices = Array.from({ length: 20 }, (_, at) => ({ device: `pv-${at}`, kw: Math.sin(at) }));
  const tell = async (time: number): Promise<number[]> => {
    gateway.core.send({ kind: 'health', health: { version: 1, time, devices } as never });
    await bench.clock.advance(1000);
    return bench.cloud.healths.map((each) => each.time);
  };
  await bench.clock.advance(1000);
  assert.deepEqual(await tell(1), [1]);
  assert.deepEqual(await tell(2), [1, 2]);
  bench.cloud.reader = new ReportReader();
  assert.deepEqual(await tell(3), [1, 2], 'a change to a report that it does not have');
  await bench.cloud.say(sparkplugTopic('north', 'NCMD', 'owd-01'), encodeRebirthCommand(0));
  await bench.clock.advance(1000);
  assert.deepEqual(await tell(4), [1, 2, 4]);
});

test('aliases and bdSeq survive a restart', async () => {
  const bench = new UplinkBench(9);
  bench.cloud.start();
  const first = await bench.startGateway();
  await bench.produce(first, 3);
  await first.core.stop();
  const second = await bench.startGateway();
  await bench.produce(second, 3);
  assert.deepEqual(bench.cloud.deaths, [0], 'it said goodbye itself');
  assert.deepEqual(bench.cloud.births, [0, 1]);
  assert.equal(bench.cloud.stored.size, 18);
  assert.equal(bench.cloud.rebirths, 0);
});

test('when its primary host is offline the gateway says goodbye and waits; the journal keeps everything', async () => {
  const bench = new UplinkBench(10);
  bench.cloud.start();
  const gateway = await bench.startGateway();
  await bench.produce(gateway, 3);
  const state = (online: boolean, timestamp: number): Uint8Array =>
    new TextEncoder().encode(JSON.stringify({ online, timestamp }));
  const now = bench.clock.machine.now();
  await bench.cloud.say(stateTopic('loadstone-cloud'), state(false, 5), true);
  await bench.clock.advance(100);
  assert.deepEqual(bench.cloud.deaths, [], 'older than what it knows');
  await bench.cloud.say(stateTopic('loadstone-cloud'), state(false, now), true);
  await bench.produce(gateway, 20);
  assert.deepEqual(bench.cloud.deaths, [0]);
  assert.equal(bench.cloud.births.length, 1);
  await bench.cloud.say(stateTopic('loadstone-cloud'), state(true, now + 1), true);
  await bench.produce(gateway, 5);
  assert.equal(bench.cloud.births.length, 2);
  assert.equal(bench.cloud.stored.size, 84);
});

test('before its host is online the gateway sends nothing, retries and reports why', async () => {
  const bench = new UplinkBench(11);
  const gateway = await bench.startGateway();
  await bench.produce(gateway, 300);
  assert.equal(
    gateway.heard.some(({ kind }) => kind === 'link'),
    false,
  );
  bench.cloud.start();
  await bench.clock.advance(40_000);
  assert.equal(bench.cloud.births.length, 1);
  assert.equal(bench.cloud.stored.size, 900, 'the journal has everything');
  const events = [...bench.cloud.events.values()].filter(({ text }) => text.includes('has not said that it is online'));
  assert.equal(events.length, 1, 'only once');
});

test('without a primary host the gateway sends births once connected', async () => {
  const bench = new UplinkBench(16, { hostId: '' });
  const gateway = await bench.startGateway();
  await bench.clock.advance(2000);
  assert.ok(gateway.heard.some((each) => each.kind === 'link' && each.connected));
});

test('repeated events fold into a count, and every event arrives once', async () => {
  const bench = new UplinkBench(12, { faults: rough });
  bench.cloud.start();
  const gateway = await bench.startGateway();
  for (let index = 0; index < 300; index++) {
    const time = bench.clock.plant.now();
    gateway.core.send({
      kind: 'events',
      events: [
        { time, kind: 'event', severity: 'low', code: 'same', text: 'again and again' },
        { time, kind: 'event', severity: 'low', code: 'other', text: `number ${index}`, subject: String(index) },
      ],
    });
    await bench.clock.advance(100);
  }
  await bench.clock.advance(40_000);
  const events = [...bench.cloud.events.values()];
  assert.equal(events.filter(({ code }) => code === 'other').length, 300);
  const same = events.filter(({ code }) => code === 'same');
  assert.equal(
    same.reduce((sum, { count = 1 }) => sum + count, 0),
    300,
  );
  assert.ok(same.length < 8, `${same.length} events`);
});

test('a non-finite value is left out and reported', async () => {
  const bench = new UplinkBench(13);
  bench.cloud.start();
  const gateway = await bench.startGateway();
  const good = { metric: 'activePowerKw', value: 1, quality: 'good', origin: 'measured' } as const;
  const time = bench.clock.plant.now();
  gateway.core.send({
    kind: 'frames',
    frames: [
      { device: 'pv-1', time, values: [good, { ...good, metric: 'voltagePu', value: Number.NaN }] },
      { device: 'pv-1', time, values: [{ ...good, value: Number.POSITIVE_INFINITY }] },
    ],
  });
  await bench.clock.advance(5000);
  assert.deepEqual(
    [...bench.cloud.stored.values()].map(({ values }) => values),
    [[good]],
  );
  assert.ok([...bench.cloud.events.values()].some(({ code }) => code === 'LS-INGEST-002'));
});

test('with a dead disk frames wait, the uplink stays connected, and health reports it', async () => {
  const bench = new UplinkBench(14);
  bench.cloud.start();
  const gateway = await bench.startGateway();
  await bench.produce(gateway, 3);
  bench.disk.failing = true;
  await bench.produce(gateway, 10);
  const before = bench.cloud.stored.size;
  assert.ok(before <= 9);
  assert.equal(gateway.core.journal.state().writable, false);
  assert.ok(gateway.heard.some((each) => each.kind === 'journal' && !each.state.writable));
  bench.disk.failing = false;
  await bench.clock.advance(10_000);
  assert.equal(bench.cloud.stored.size, 39);
});

test('the same seed gives the same run', async () => {
  const run = async (): Promise<unknown> => {
    const bench = new UplinkBench(15, { faults: rough });
    bench.cloud.start();
    const gateway = await bench.startGateway();
    await bench.produce(gateway, 60);
    return [[...bench.cloud.stored], bench.cloud.repeats, bench.network.lost, [...bench.cloud.events]];
  };
  assert.deepEqual(await run(), await run());
});

test('values of a withheld meter go only to the load book, not into frames, births or the journal', async () => {
  const load = uncontrolledLoad(['transformer'], []);
  const federated = { load, zone: 'Europe/Amsterdam', withheld: ['transformer'] };
  const bench = new UplinkBench(1, { federated });
  bench.cloud.start();
  const gateway = await bench.startGateway();
  await bench.clock.advance(2000);
  await bench.produce(gateway, 1200);
  await bench.clock.advance(3000);
  const devices = new Set([...bench.cloud.stored.values()].map(({ device }) => device));
  assert.ok(devices.size > 0 && !devices.has('transformer'), [...devices].join());
  await bench.note(gateway);
  for (const entry of bench.accepted.values())
    assert.notEqual((frameOf(entry) as { device: string }).device, 'transformer');
  const loadBook = await bench.disk.read('training/loads.bin');
  assert.ok(loadBook !== undefined && loadBook.length >= 16, 'the load book has an interval');
});

test('the saved state is restored before the journal opens', async () => {
  const bench = new UplinkBench(71);
  const first = await bench.startGateway();
  await bench.produce(first, 5);
  first.core.send({ kind: 'state', json: '{"tagged":["pv-1"]}' });
  await bench.clock.advance(1000);
  await first.core.stop();
  const { disk } = bench;
  const read = disk.read.bind(disk);
  const opened = Promise.withResolvers<void>();
  disk.read = async (path) => {
    if (path.endsWith('.seg')) await opened.promise;
    return read(path);
  };
  const second = await bench.startGateway();
  assert.equal(second.restored.stateJson, '{"tagged":["pv-1"]}');
  assert.equal(second.core.journal.state().writable, false);
  opened.resolve();
  await bench.clock.advance(20_000);
  assert.equal(second.core.journal.state().writable, true);
  await second.core.stop();
});

test('reading the saved state is retried; after a minute the state counts as lost', async () => {
  for (const { backAfterMs, restored } of [
    { backAfterMs: 5000, restored: { stateJson: '{"timer":7}', documents: [], model: null } },
    {
      backAfterMs: 90_000,
      restored: {
        stateJson: null,
        stateLost: { code: 'LS-JOURNAL-001', detail: 'EIO: state.json' },
        documents: [],
        model: null,
      },
    },
  ]) {
    const bench = new UplinkBench(72);
    await bench.disk.replace('state.json', new TextEncoder().encode('{"timer":7}'));
    bench.disk.unread = 'state.json';
    const starting = bench.startGateway();
    await setImmediate();
    await bench.clock.advance(backAfterMs);
    bench.disk.unread = undefined;
    await bench.clock.advance(2000);
    assert.deepEqual((await starting).restored, restored);
  }
});
