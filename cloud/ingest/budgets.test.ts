import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packReport } from '../../shared/codec/packed-report.ts';
import { encodeDeviceBirth } from '../../shared/codec/sparkplug.ts';
import { topicFor } from '../../shared/topics/topics.ts';
import { RunBudget, runBudget } from './run-budget.ts';
import { Budgets } from './budgets.ts';
import { down, firstOf, gateway, ingestRig, stored, T0 } from './testing/ingest-rig.ts';
import { TestGateway } from './testing/test-gateway.ts';

const HOUR = 3_600_000;
const alarms = (heard: readonly string[]): string[] => heard.filter((line) => /^(over|within) /.test(line));
const encoded = (value: unknown): string => JSON.stringify(value);

test('invented runs are rejected and raise an alarm, and a restart grants no new budget', async () => {
  const it = await ingestRig();
  const invent = async (from: number, count: number): Promise<void> => {
    for (let n = from; n < from + count; n += 1000) {
      const runs = Array.from({ length: 1000 }, (_, i) => ({ run: 1000 + n + i, firstOffset: n + i }));
      await it.edge.sendRanges({ stream: 'measurements', runs, missing: [] });
      await it.clock.advance(1000);
    }
  };
  await invent(0, 40_000);
  assert.ok(it.ledger.runCount() <= runBudget.burst, `${it.ledger.runCount()} runs`);
  assert.deepEqual(alarms(it.heard), ['over owd-01 LS-BUDGET-002']);
  const before = it.ledger.runCount();
  // As after a restart: the same ledger, nothing in memory.
  const { clock, ledger } = it;
  const again = new RunBudget({
    ledger,
    plant: clock.plant,
    budgets: new Budgets({ machine: clock.machine, onBudget: () => undefined }),
  });
  const news = Array.from({ length: 5000 }, (_, n) => n + 5_000_000);
  const admitted = news.filter((run) => again.admitsRun({ gateway, stream: 'measurements', run }, true));
  assert.ok(before + admitted.length <= runBudget.burst + 100, `${before} runs, and ${admitted.length} more`);
  await clock.advance(70_000);
  assert.equal(alarms(it.heard).at(-1), 'within owd-01 LS-BUDGET-002');
});

test('a gateway restarting every 10 s for a day loses nothing and raises no alarm', async () => {
  const it = await ingestRig();
  const { edge, clock, ledger } = it;
  await edge.born(['pv-1']);
  const starts = 8640;
  for (let start = 0; start < starts; start++) {
    edge.run = 100 + start;
    await edge.sendFrame(edge.accept('pv-1', clock.plant.now(), { activePowerKw: 1 }));
    await edge.sendEvents([
      {
        offset: start,
        event: { time: clock.plant.now(), kind: 'event', severity: 'info', code: 'edge.started', text: 'Started.' },
      },
    ]);
    await clock.advance(10_000);
  }
  assert.equal(ledger.storedCount(gateway), starts);
  assert.equal(ledger.storedCount(gateway, 'events'), starts);
  assert.deepEqual(alarms(it.heard), []);
  assert.equal(it.ingest.counts().overBudget, 0);
});

test('a backlog of more runs than the budget is stored later and completely, after live data', async () => {
  const it = await ingestRig({ runBudget: { size: { burst: 2000, perSecond: 1200 / 86_400 } } });
  const { edge, clock, ledger } = it;
  await edge.born(['pv-1']);
  const RUNS = 2400;
  for (let n = 0; n < RUNS; n++) edge.accept('pv-1', T0 - 7 * 24 * HOUR + n * 200_000, { activePowerKw: n });
  const send = async (): Promise<void> => {
    for (let n = 0; n < RUNS; n++) {
      edge.run = 100 + n;
      if (ledger.stateOf(gateway, 'measurements', { run: edge.run, offset: n }) === undefined)
        await edge.sendFrame(n, true);
      if (n % 500 === 0) await clock.advance(1000);
    }
  };
  await send();
  await clock.advance(1000);
  const atOnce = ledger.storedCount(gateway);
  assert.ok(atOnce >= 1500 && atOnce < RUNS, `${atOnce} at once`);
  assert.deepEqual(alarms(it.heard), ['over owd-01 LS-BUDGET-002']);
  edge.run = 99;
  await edge.sendFrame(edge.accept('pv-1', clock.plant.now(), { activePowerKw: 1 }));
  await clock.advance(1000);
  assert.equal(ledger.stateOf(gateway, 'measurements', { run: 99, offset: RUNS }), 'stored');
  for (let turn = 0; turn < 4; turn++) {
    await clock.advance(4 * HOUR);
    await send();
  }
  await clock.advance(1000);
  assert.equal(ledger.storedCount(gateway), RUNS + 1);
  assert.equal(ledger.completeness(gateway).refused, 0);
});

test('deliberate gaps are throttled, and frames that close them are stored', async () => {
  const it = await ingestRig({ runBudget: { maxGaps: 50 } });
  const { edge, clock, ledger } = it;
  await edge.born(['pv-1']);
  await edge.sendRanges(firstOf(7));
  for (let n = 0; n < 600; n++) edge.accept('pv-1', T0 + n, { activePowerKw: n });
  for (let n = 1; n < 600; n += 2) {
    await edge.sendFrame(n);
    if (n % 20 === 1) await it.acks();
  }
  await it.acks();
  assert.ok(ledger.spanCount() <= 80, `${ledger.spanCount()} spans`);
  assert.ok(it.heard.includes('over owd-01 LS-BUDGET-003'));
  const missing = Array.from({ length: 500 }, (_, n) => ({
    run: 7,
    from: 1000 + 2 * n,
    to: 1000 + 2 * n,
    reason: 'lost' as const,
    detail: 'x',
  }));
  await edge.sendRanges({ ...firstOf(7), missing });
  await it.acks();
  assert.ok(ledger.spanCount() <= 80, `${ledger.spanCount()} spans`);
  for (let turn = 0; turn < 10 && edge.open().length > 0; turn++) {
    for (const offset of edge.open()) await edge.sendFrame(offset, true);
    await it.acks(5000);
  }
  assert.deepEqual(edge.open(), []);
  assert.equal((await stored(it))?.length, 600);
  await clock.advance(70_000);
  assert.ok(it.heard.includes('within owd-01 LS-BUDGET-003'));
});

test('losses reported one by one are bounded, even across a restart; an honest loss is stored', async () => {
  const missingSize = { burst: 500, perSecond: 1 };
  const it = await ingestRig({ runBudget: { missingSize } });
  const { edge, clock, ledger, heard } = it;
  await edge.sendRanges(firstOf(7));
  const lose = async (from: number, reason: 'lost' | 'dropped'): Promise<void> => {
    const missing = Array.from({ length: 1000 }, (_, n) => ({
      run: 7,
      from: 2 * (from + n),
      to: 2 * (from + n),
      reason,
      detail: `words ${from + n}`,
    }));
    await edge.sendRanges({ stream: 'measurements', runs: [], missing });
    await clock.advance(100);
  };
  for (let n = 0; n < 30; n++) await lose(1000 * n, n % 2 === 0 ? 'lost' : 'dropped');
  assert.ok(ledger.spanCount() <= 520, `${ledger.spanCount()} spans`);
  assert.ok(Object.keys(ledger.completeness(gateway).reasons).length <= 65);
  assert.deepEqual(alarms(heard), ['over owd-01 LS-BUDGET-003']);
  const again = new RunBudget({
    ledger,
    plant: clock.plant,
    missingSize,
    budgets: new Budgets({ machine: clock.machine, onBudget: () => undefined }),
  });
  const key = { gateway, stream: 'measurements', run: 7 } as const;
  const more = Array.from({ length: 1000 }, (_, n) => 900_000 + n).filter((at) => again.admitsMissing(key, [at, at]));
  assert.ok(more.length <= 20, `${more.length} more after a restart`);
  // As one range, like a journal whose ranges have merged.
  for (let turn = 0; turn < 3; turn++) {
    await edge.sendRanges({
      ...firstOf(7),
      missing: [{ run: 7, from: 0, to: 59_999, reason: 'lost', detail: 'all of it' }],
    });
    await clock.advance(2000);
  }
  assert.equal(ledger.coverage(gateway, 'measurements', 7).upTo, 59_999);
  await clock.advance(70_000);
  assert.equal(alarms(heard).at(-1), 'within owd-01 LS-BUDGET-003');
});

test('a run whose start moves with each report opens a bounded number of gaps', async () => {
  const it = await ingestRig({ runBudget: { maxGaps: 50 } });
  const { edge, clock, ledger, heard } = it;
  await edge.born(['pv-1']);
  for (let n = 0; n < 800; n++) edge.accept('pv-1', T0 + n, { activePowerKw: n });
  for (let n = 798; n >= 0; n -= 2) {
    await edge.sendRanges({ stream: 'measurements', runs: [{ run: 7, firstOffset: n }], missing: [] });
    await clock.advance(100);
    await edge.sendFrame(n);
    await clock.advance(400);
  }
  assert.ok(ledger.spanCount() <= 120, `${ledger.spanCount()} spans`);
  assert.ok(heard.includes('over owd-01 LS-BUDGET-003'));
  for (let turn = 0; turn < 10 && edge.open().length > 0; turn++) {
    for (const offset of edge.open()) await edge.sendFrame(offset, true);
    await it.acks(5000);
  }
  assert.deepEqual(edge.open(), []);
});

test('frames that cycle through many runs leave bounded receipts, and are resent', async () => {
  const it = await ingestRig({ budgets: { turns: { burst: 100, perSecond: 1 } } });
  const { edge, clock, ledger, heard } = it;
  await edge.born(['pv-1']);
  const RUNS = 50;
  const ROUNDS = 20;
  for (let n = 0; n < ROUNDS; n++) edge.accept('pv-1', T0 + n, { activePowerKw: n });
  const round = async (offset: number): Promise<void> => {
    for (edge.run = 100; edge.run < 100 + RUNS; edge.run++) await edge.sendFrame(offset);
    await clock.advance(500);
  };
  for (let offset = 0; offset < ROUNDS; offset++) await round(offset);
  assert.ok(ledger.spanCount() <= RUNS + 150, `${ledger.spanCount()} spans`);
  assert.deepEqual(alarms(heard), ['over owd-01 LS-BUDGET-001']);
  // Run by run, as an honest gateway resends.
  for (edge.run = 100; edge.run < 100 + RUNS; edge.run++) {
    await clock.advance(2000);
    for (let offset = 0; offset < ROUNDS; offset++) await edge.sendFrame(offset, true);
  }
  await clock.advance(1000);
  assert.equal(ledger.storedCount(gateway), RUNS * ROUNDS);
});

test('events that cycle through many runs leave bounded receipts, and are resent', async () => {
  const it = await ingestRig({ budgets: { turns: { burst: 100, perSecond: 1 } } });
  const { edge, clock, ledger, heard } = it;
  const RUNS = 50;
  const ROUNDS = 20;
  const event = { time: T0, kind: 'event', severity: 'info', code: 'edge.started', text: 'Started.' } as const;
  const send = async (run: number, offset: number): Promise<void> => {
    edge.run = run;
    await edge.sendEvents([{ offset, event }]);
  };
  for (let offset = 0; offset < ROUNDS; offset++) {
    for (let run = 100; run < 100 + RUNS; run++) await send(run, offset);
    await clock.advance(500);
  }
  assert.ok(ledger.spanCount() <= RUNS + 150, `${ledger.spanCount()} spans`);
  assert.deepEqual(alarms(heard), ['over owd-01 LS-BUDGET-001']);
  for (let run = 100; run < 100 + RUNS; run++) {
    await clock.advance(2000);
    for (let offset = 0; offset < ROUNDS; offset++) await send(run, offset);
  }
  await clock.advance(1000);
  assert.equal(ledger.storedCount(gateway, 'events'), RUNS * ROUNDS);
});

test('names invented by births are bounded; their frames are not rejected and earlier names stay', async () => {
  const it = await ingestRig();
  const { edge, clock, link, births, heard } = it;
  await edge.born(['pv-1']);
  for (let n = 0; n < 300; n++) {
    const metrics = Array.from({ length: 100 }, (_, i) => ({
      name: `invented${i}`,
      alias: 1_000_000 + n * 100 + i,
      value: null,
      time: T0,
      quality: 'bad' as const,
      origin: 'measured' as const,
    }));
    await link.deliver(
      `spBv1.0/north/DBIRTH/owd-01/invented-${n}`,
      encodeDeviceBirth({ seq: (n + 2) % 256, sentAt: T0, metrics }),
    );
    await clock.advance(100);
  }
  await clock.advance(1000);
  const [table] = await births.load();
  const names = table!.record.devices.reduce((sum, { metrics }) => sum + metrics.length, 0);
  assert.ok(names <= 20_000, `${names} names`);
  assert.ok(heard.includes('over owd-01 LS-BUDGET-004'));
  const offset = edge.accept('invented-299', T0, { activePowerKw: 1 });
  edge.accept('pv-1', T0, { activePowerKw: 2 });
  for (let turn = 0; turn < 30; turn++) {
    await edge.sendFrame(offset);
    await clock.advance(11_000);
  }
  await edge.sendFrame(offset + 1);
  await it.acks();
  assert.deepEqual(edge.open(), [offset], 'it waits');
  assert.equal(it.ledger.completeness(gateway).refused, 0);
  assert.deepEqual(await stored(it), [[T0, 2]]);
});

test('a flood is cut before parsing, its neighbour continues, and the alarm ends with it', async () => {
  const it = await ingestRig();
  const { edge, clock, link, heard, ingest } = it;
  await edge.born(['pv-1']);
  await edge.sendRanges(firstOf(7));
  for (let n = 0; n < 50_000; n++) await link.deliver('spBv1.0/north/DDATA/wls-01/x', 'garbage');
  for (let n = 0; n < 20_000; n++)
    await link.deliver('loadstone/v1/wls-01/events', encoded({ version: 1, run: n, items: [] }));
  const refused = Object.values(ingest.quarantine.counts()).reduce((sum, count) => sum + count, 0);
  assert.ok(refused <= 25_000, `${refused} were read`);
  assert.ok(heard.filter((line) => line.startsWith('refused')).length <= 100, 'only the first is reported');
  await edge.sendFrame(edge.accept('pv-1', T0, { activePowerKw: 3 }));
  await it.acks();
  assert.deepEqual(edge.open(), []);
  assert.deepEqual(alarms(heard), ['over wls-01 LS-BUDGET-001']);
  await clock.advance(70_000);
  assert.deepEqual(alarms(heard).at(-1), 'within wls-01 LS-BUDGET-001');
  assert.ok(!alarms(heard).some((line) => line.includes('owd-01')));
});

test('large unreadable messages are soon dropped unread, and later valid ones are accepted', async () => {
  const it = await ingestRig();
  const { edge, clock, link, heard, ingest } = it;
  await edge.born(['pv-1']);
  await edge.sendRanges(firstOf(7));
  const head = '{"version":1,"run":1,"items":[';
  const garbage = `${head}${`{"offset":1,"event":{},"x":"${'x'.repeat(900)}"},`.repeat(1000)}0]}`;
  const SECONDS = 20;
  const EACH_SECOND = 5;
  for (let n = 0; n < SECONDS * EACH_SECOND; n++) {
    await link.deliver('loadstone/v1/owd-01/events', garbage);
    await clock.advance(1000 / EACH_SECOND);
  }
  const read = Object.values(ingest.quarantine.counts()).reduce((sum, count) => sum + count, 0);
  assert.ok(read <= 15, `${read} of ${SECONDS * EACH_SECOND} were read`);
  assert.deepEqual(alarms(heard), ['over owd-01 LS-BUDGET-001']);
  await clock.advance(20_000);
  await edge.sendFrame(edge.accept('pv-1', clock.plant.now(), { activePowerKw: 3 }));
  await it.acks();
  assert.deepEqual(edge.open(), []);
});

test('large deaths are soon dropped unread, and a death of usual size still passes', async () => {
  for (const topic of ['spBv1.0/north/NDEATH/owd-01', 'spBv1.0/north/DDEATH/owd-01/pv-1']) {
    const it = await ingestRig();
    const { edge, clock, link, heard, ingest } = it;
    const SECONDS = 20;
    const empty = new Uint8Array(1_000_000).map((_, at) => (at % 2 === 0 ? 0x12 : 0));
    for (let second = 0; second < SECONDS; second++) {
      await link.deliver(topic, empty);
      await clock.advance(1000);
    }
    const read = SECONDS - ingest.counts().overBudget;
    assert.ok(read <= 10, `${topic}: ${read} of ${SECONDS} were read`);
    assert.deepEqual(alarms(heard), ['over owd-01 LS-BUDGET-001']);
    await edge.died();
    assert.equal(SECONDS - ingest.counts().overBudget, read);
  }
});

test('a packed report counts by its unpacked size, so a flood of them is soon dropped unread', async () => {
  const bomb = packReport(new TextEncoder().encode(`{"devices":[${'[],'.repeat(60_000)}0]}`));
  const larger = packReport(new Uint8Array(5_000_000));
  for (const payload of [bomb, larger]) {
    assert.ok(payload.length < 4096, `${payload.length} bytes`);
    const it = await ingestRig({ budgets: { refusedBytes: { burst: 1e6, perSecond: 10e3 } } });
    for (let n = 0; n < 100; n++) {
      await it.link.deliver(topicFor('health', gateway), payload);
      await it.clock.advance(200);
    }
    const read = Object.values(it.ingest.quarantine.counts()).reduce((sum, count) => sum + count, 0);
    assert.ok(read <= 15, `${read} of 100 were read`);
    assert.deepEqual(alarms(it.heard), ['over owd-01 LS-BUDGET-001']);
  }
});

test('a gateway whose wrong clock gets everything rejected is not throttled', async () => {
  const it = await ingestRig();
  const { edge, clock, ingest } = it;
  await edge.born(['pv-1']);
  await edge.sendRanges(firstOf(7));
  for (let second = 0; second < 60; second++) {
    for (let n = 0; n < 200; n++) await edge.sendFrame(edge.accept('pv-1', T0 + 24 * HOUR, { activePowerKw: n }));
    await clock.advance(1000);
  }
  assert.equal(it.ledger.completeness(gateway).refused, 60 * 200);
  assert.equal(ingest.counts().overBudget, 0);
});

test('while the store is down no gateway uses up the buffer of the others', async () => {
  const it = await ingestRig({ maxHeldPoints: 100 });
  const { edge, clock, link, store } = it;
  const send = (topic: string, payload: Uint8Array): Promise<void> => link.deliver(topic, payload);
  const other = new TestGateway({ gateway: 'wls-01', group: 'north', run: 8, send, now: () => clock.plant.now() });
  for (const each of [edge, other]) {
    await each.born(['pv-1']);
    await each.sendFrame(each.accept('pv-1', T0, { activePowerKw: 1 }));
  }
  await it.acks();
  store.fault = down;
  for (let n = 0; n < 300; n++) await other.sendFrame(other.accept('pv-1', T0 + n, { activePowerKw: n }));
  for (let n = 0; n < 40; n++) await edge.sendFrame(edge.accept('pv-1', T0 + n, { activePowerKw: n }));
  await it.acks();
  store.fault = undefined;
  await it.acks(11_000);
  assert.deepEqual(edge.open(), []);
});

test('node births are processed only as often as an honest gateway sends them', async () => {
  const it = await ingestRig();
  for (let n = 0; n < 1000; n++) await it.edge.born([]);
  const answered = it.heard.filter((line) => line === 'birth owd-01 node').length;
  assert.ok(answered <= 60, `${answered} births`);
  assert.deepEqual(alarms(it.heard), ['over owd-01 LS-BUDGET-001']);
});

test('reports and events over a budget are counted like frames', async () => {
  const once = { burst: 1, perSecond: 1e-6 };
  const it = await ingestRig({
    budgets: { events: once, ranges: once, bytes: { burst: 20e3, perSecond: 1 } },
    runBudget: { missingSize: once },
  });
  const over: number[] = [];
  const counted = async (send: () => Promise<unknown>): Promise<void> => {
    await send();
    over.push(it.ingest.counts().overBudget);
  };
  const { edge } = it;
  const event = (offset: number) => ({
    offset,
    event: { time: T0, kind: 'event', severity: 'info', code: 'edge.started', text: 'Started.' } as const,
  });
  const lost = (from: number) => ({ run: 7, from, to: from, reason: 'lost' as const, detail: 'x' });
  const sparse = packReport(new Uint8Array(100_000));
  await counted(() => edge.sendEvents([event(0)]));
  await counted(() => edge.sendEvents([event(1)]));
  await counted(() => edge.sendRanges({ ...firstOf(7), missing: [lost(3), lost(5)] }));
  await counted(() => edge.sendRanges(firstOf(7)));
  await counted(() => it.link.deliver(topicFor('health', gateway), sparse));
  assert.deepEqual(over, [0, 1, 2, 3, 4]);
});
