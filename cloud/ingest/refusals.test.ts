import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { TestGateway } from './testing/test-gateway.ts';
import { firstOf, gateway, ingestRig, stored, T0 } from './testing/ingest-rig.ts';

test('a frame that cannot be stored is rejected with its code, sampled, and blocks nothing', async () => {
  const it = await ingestRig();
  const { edge, link, heard } = it;
  await edge.born(['pv-1']);
  await edge.sendRanges(firstOf(7));
  edge.accept('pv-1', T0, { activePowerKw: NaN });
  edge.accept('pv-1', T0 + 3_600_000, { activePowerKw: 1 });
  edge.accept('pv-1', T0 - 90 * 86_400_000, { activePowerKw: 1 });
  edge.accept('pv-1', T0, { activePowerKw: 4 });
  edge.accept('pv-1', T0 + 1, { activePowerKw: 1e300 });
  for (const offset of edge.open()) await edge.sendFrame(offset);
  await link.deliver('spBv1.0/north/DDATA/owd-01/pv-1', 'garbage');
  await link.deliver('loadstone/v1/owd-01/reported/health', '{"version":1,"time":NaN}');
  const [ack] = await it.acks();
  assert.equal(ack?.upTo, 4);
  assert.deepEqual(ack?.refused, [
    { offset: 0, code: 'LS-INGEST-002' },
    { offset: 1, code: 'LS-INGEST-003' },
    { offset: 2, code: 'LS-INGEST-003' },
    { offset: 4, code: 'LS-INGEST-002' },
  ]);
  assert.deepEqual(await stored(it), [[T0, 4]]);
  assert.deepEqual(it.ingest.quarantine.counts(), {
    'LS-INGEST-002': 2,
    'LS-INGEST-003': 2,
    'LS-INGEST-001': 1,
    'LS-INGEST-007': 1,
  });
  assert.equal(it.ingest.quarantine.samples().length, 6);
  assert.equal(heard.filter((line) => line.startsWith('refused owd-01')).length, 6);
  const { stored: frames, refused, missing } = it.ledger.completeness(gateway);
  assert.deepEqual([frames, refused, missing], [1, 4, 0]);
});

test('a point the store rejects is isolated in its batch and rejected alone', async () => {
  const it = await ingestRig();
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
  const [sample, ...more] = it.ingest.quarantine.samples();
  assert.deepEqual([sample?.code, sample?.topic, more.length], ['LS-STORE-002', 'spBv1.0/north/DDATA/owd-01/pv-1', 0]);
  assert.equal(
    Buffer.from(sample?.payload ?? '', 'base64').toString(),
    JSON.stringify([{ metric: 'activePowerKw', time: T0 + 13, value: 13 }]),
  );
  assert.equal((await stored(it))?.length, 19);
});

test('a foreign Sparkplug node is read as far as possible, and marked', async () => {
  const it = await ingestRig();
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
  assert.equal(it.ledger.receivedAt('foreign-1', 0, T0 + 5), T0 + 5 + 2000);
});

test('while the clock of the cloud is in doubt, no live frame is refused for its time; a single gateway does not bring it in doubt', async () => {
  const doubts: boolean[] = [];
  const it = await ingestRig({ handlers: { onClockDoubt: (isDoubted) => void doubts.push(isDoubted) } });
  let aheadMs = 3_600_000;
  const gateways = ['a-01', 'b-01', 'c-01'].map(
    (id) =>
      new TestGateway({
        gateway: id,
        group: 'north',
        run: 7,
        send: (topic, payload) => it.link.deliver(topic, payload),
        now: () => it.clock.plant.now() + aheadMs,
      }),
  );
  const sends = async (edge: TestGateway): Promise<void> => {
    edge.accept('pv-1', it.clock.plant.now() + aheadMs, { activePowerKw: 1 });
    for (const offset of edge.open()) await edge.sendFrame(offset);
  };
  for (const edge of gateways) {
    await edge.born(['pv-1']);
    await edge.sendRanges(firstOf(7));
  }
  // The first to speak may be wrong itself.
  await sends(gateways[0]!);
  assert.deepEqual([it.ingest.quarantine.counts(), doubts], [{ 'LS-INGEST-003': 1 }, []]);
  await sends(gateways[1]!);
  await sends(gateways[2]!);
  assert.deepEqual([it.ingest.quarantine.counts(), doubts], [{ 'LS-INGEST-003': 1 }, [true]]);
  // The cloud is set right: what waited is accepted.
  await it.clock.advance(aheadMs);
  aheadMs = 0;
  for (const edge of gateways) await sends(edge);
  await it.clock.advance(1000);
  assert.deepEqual(doubts, [true, false]);
  assert.deepEqual(it.ingest.quarantine.counts(), { 'LS-INGEST-003': 1 });
  assert.deepEqual(
    gateways.map((_, at) => it.ledger.completeness(['a-01', 'b-01', 'c-01'][at]!).stored),
    [1, 2, 2],
  );
});
