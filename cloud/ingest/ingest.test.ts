import { oneKey } from '../../shared/pki/key-list.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Acknowledgement } from '../../shared/contracts/acknowledgement.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { BirthFile } from './birth-file.ts';
import { ackTopic, down, firstOf, gateway, ingestRig, stored, T0 } from './testing/ingest-rig.ts';
import { unpackAcknowledgement } from '../../shared/codec/packed-acknowledgement.ts';
import { ReportPacker } from '../../shared/codec/packed-report.ts';
import { generateSigningKey, verifyDocument } from '../../shared/codec/signed-document.ts';
import { judgeHeartbeat } from '../../shared/codec/signed-heartbeat.ts';
import { THIS_READS } from '../../shared/contracts/reads.ts';
import type { Heartbeat } from '../../shared/contracts/report.ts';
import { topicFor } from '../../shared/topics/topics.ts';
import { health } from '../dashboard/testing/fixture-reports.ts';

test('a frame is stored, then entered in the ledger, then acknowledged; duplicates count once', async () => {
  const it = await ingestRig();
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
  assert.equal(ledger.receivedAt(gateway, 0, T0), T0 + 2000);
  await edge.sendFrame(0, true);
  assert.equal((await it.acks()).length, 1, 'a repeat is acknowledged again: its acknowledgement may have been lost');
  assert.equal(it.ingest.counts().duplicates, 3);
  assert.equal(it.frames.length, 2);
  assert.deepEqual(it.heard, ['birth owd-01 node', 'birth owd-01 pv-1']);
  assert.equal((await it.acks(58_000)).length, 0, 'nothing changes');
  assert.equal((await it.acks(3000)).length, 1, 'each 60 s at least');
});

test('the loss of the database ends everything, after stored births are reported', async () => {
  const lost = new LoadstoneError('LS-STATE-003', 'another process holds the database');
  class LostBirths extends BirthFile {
    override commit(): Promise<void> {
      return Promise.reject(lost);
    }
  }
  const it = await ingestRig({ births: new LostBirths(':memory:') });
  await it.edge.born(['pv-1']);
  await it.edge.sendRanges(firstOf(7));
  await it.edge.sendFrame(it.edge.accept('pv-1', T0, { activePowerKw: -5 }));
  assert.notEqual(it.ingest.counts().heldPoints, 0);
  await assert.rejects(it.ingest.stop(), lost);
  assert.deepEqual([it.ingest.counts().heldPoints, it.link.connected], [0, false]);
});

test('a gateway that reads packed messages is acknowledged in a few bytes, and its packed health is read', async () => {
  const { edge, link, clock, heard } = await ingestRig();
  await edge.born(['pv-1'], THIS_READS);
  await edge.sendRanges(firstOf(7));
  await edge.sendFrame(edge.accept('pv-1', T0, { activePowerKw: -5 }));
  await clock.advance(1000);
  const acks = link.sent.filter(({ topic }) => topic === ackTopic).map(({ payload }) => unpackAcknowledgement(payload));
  assert.deepEqual(acks.at(-1), { version: 1, stream: 'measurements', run: 7, upTo: 0, ranges: [], refused: [] });
  const packer = new ReportPacker();
  const packed = [0, 5000].map((ms) =>
    packer.pack(new TextEncoder().encode(JSON.stringify(health('owd', T0 + ms, 0))), ms),
  );
  const heardAfter = async (payload: Uint8Array): Promise<number> => {
    await link.deliver(topicFor('health', gateway), payload);
    return heard.filter((each) => each === `health ${gateway}`).length;
  };
  assert.equal(await heardAfter(packed[1]!), 0, 'the report that it builds on never arrived');
  assert.deepEqual([await heardAfter(packed[0]!), await heardAfter(packed[1]!)], [1, 2]);
  assert.ok(packed[1]!.length < 300);
  assert.ok(!heard.some((each) => each.startsWith('refused')));
});

test('loss and reordering leave ranges, and resent frames close them', async () => {
  const it = await ingestRig();
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

test('while the store is down nothing is acknowledged, memory is bounded, and everything drains later', async () => {
  const it = await ingestRig({ maxHeldPoints: 50, batchPoints: 10 });
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
    'no frame is acknowledged',
  );
  assert.equal(it.ingest.counts().heldPoints, 50);
  assert.equal(it.ingest.counts().heldBack, 150);
  assert.deepEqual([it.ingest.counts().isStoreFailing, it.ingest.counts().failedWrites], [true, store.writes]);
  assert.ok(store.writes < 15, `retries are spaced: ${store.writes}`);
  store.fault = undefined;
  for (let turn = 0; turn < 10 && edge.open().length > 0; turn++) {
    await it.acks(11_000);
    for (const offset of edge.open()) await edge.sendFrame(offset, true);
  }
  assert.deepEqual(edge.open(), []);
  assert.equal((await stored(it))?.length, 200);
  assert.equal(it.ledger.storedCount(gateway), 200);
  assert.equal(it.ingest.counts().isStoreFailing, false);
  assert.ok(it.heard.includes('store LS-STORE-001') && it.heard.at(-1) === 'store well');
});

test('topics of unknown or other gateways and invalid names are rejected', async () => {
  const { link, ingest } = await ingestRig();
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

test('a heartbeat is signed for a gateway that asks for it, and unsigned for others', async () => {
  const key = await generateSigningKey();
  const { edge, link, clock } = await ingestRig({ keys: oneKey(key.privateKey) });
  await edge.born(['pv-1'], THIS_READS);
  assert.equal('signed' in (link.take('loadstone/v1/owd-01/heartbeat')[0] as object), false);
  const nonce = '0123456789abcdef';
  await edge.born(['pv-1'], { ...THIS_READS, heartbeatNonce: nonce });
  await clock.advance(60_000);
  const beats = link.take('loadstone/v1/owd-01/heartbeat') as Heartbeat[];
  assert.equal(beats.length, 2, 'the birth is answered at once');
  for (const { time, signed } of beats)
    assert.equal(await judgeHeartbeat(signed!, { gateway: 'owd-01', nonce, time }, [key.publicKey]), 'signed');
  await clock.advance(20 * 60_000);
  const later = link.take('loadstone/v1/owd-01/heartbeat') as Heartbeat[];
  const telling = [...beats, ...later].filter(({ reads }) => reads !== undefined);
  assert.deepEqual([later.length, telling.length], [20, 3], 'its reading is stated with a birth and every tenth time');
  const document = await verifyDocument(beats[0]!.signed!, [key.publicKey]);
  assert.ok(!document.ok, 'it is not a document');
});

test('heartbeats every 60 s of plant time; STATE goes offline last, after everything is stored', async () => {
  const it = await ingestRig({ epoch: async (of) => (of === gateway ? 3 : 1) });
  const { edge, link, clock, ingest } = it;
  await edge.born(['pv-1']);
  link.take('loadstone/v1/owd-01/heartbeat');
  await clock.advance(180_000);
  assert.deepEqual(
    link.take('loadstone/v1/owd-01/heartbeat'),
    [60, 120, 180].map((s) => ({ version: 1, time: T0 + s * 1000, epoch: 3, reads: ['delta'] })),
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
  assert.deepEqual(link.take('spBv1.0/STATE/loadstone-cloud'), [{ online: false, timestamp: it.clock.machine.now() }]);
});
