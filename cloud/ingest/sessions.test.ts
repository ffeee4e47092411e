import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asksRebirth, decodePayload } from '../../shared/codec/sparkplug.ts';
import { FIRST_READS, THIS_READS } from '../../shared/contracts/reads.ts';
import { unwrap } from '../../shared/outcome/outcome.ts';
import { BirthFile } from './birth-file.ts';
import { down, gateway, ingestRig, T0 } from './testing/ingest-rig.ts';

test('data without a birth requests a rebirth, at most every 10 s, and is read when resent', async () => {
  const it = await ingestRig();
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
  // A gap in the sequence also causes a request, because the lost message may have been a birth.
  await clock.advance(10_000);
  edge.accept('pv-1', T0 + 1, { activePowerKw: 1 });
  edge.accept('pv-1', T0 + 2, { activePowerKw: 1 });
  edge.encode(1);
  await edge.sendFrame(2);
  assert.equal(asked(), 0, 'it may be late');
  await clock.advance(2000);
  assert.equal(asked(), 1);
  assert.equal(it.ingest.counts().rebirths, 3);
});

test('an overtaken message requests nothing if it arrives in time', async () => {
  const it = await ingestRig();
  const { edge, link, clock } = it;
  const send = (payload: Uint8Array) => link.deliver('spBv1.0/north/DDATA/owd-01/pv-1', payload);
  const asked = (): number => link.sent.filter(({ topic }) => topic === 'spBv1.0/north/NCMD/owd-01').length;
  await edge.born(['pv-1']);
  const late = edge.encode(edge.accept('pv-1', T0, { activePowerKw: 1 }));
  await edge.sendFrame(edge.accept('pv-1', T0 + 1, { activePowerKw: 2 }));
  await clock.advance(1500);
  await send(late);
  await clock.advance(60_000);
  assert.equal(asked(), 0);
  // A message lost for good soon after a request: one more request, as soon as the limit allows it.
  edge.encode(edge.accept('pv-1', T0 + 2, { activePowerKw: 3 }));
  await edge.sendFrame(edge.accept('pv-1', T0 + 3, { activePowerKw: 4 }));
  await clock.advance(2000);
  assert.equal(asked(), 1);
  edge.encode(edge.accept('pv-1', T0 + 4, { activePowerKw: 5 }));
  await edge.sendFrame(edge.accept('pv-1', T0 + 5, { activePowerKw: 6 }));
  await clock.advance(5000);
  assert.equal(asked(), 1);
  await clock.advance(5000);
  assert.equal(asked(), 2);
  // A birth of the node answers it.
  edge.encode(edge.accept('pv-1', T0 + 6, { activePowerKw: 7 }));
  await edge.sendFrame(edge.accept('pv-1', T0 + 7, { activePowerKw: 8 }));
  await edge.born(['pv-1']);
  await clock.advance(60_000);
  assert.equal(asked(), 2);
});

test('an old alias never names a new session: only births after the node birth count', async () => {
  const it = await ingestRig();
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
  for (let births = 0; births < 20; births++) {
    await edge.born(['pv-1']);
    await edge.sendFrame(edge.accept('pv-2', T0 + 1 + births, { activePowerKw: 1 }));
  }
  assert.deepEqual((await it.acks()).at(-1)?.refused ?? [], [], 'twenty of its births may have been lost');
  await edge.born(['pv-1']);
  await edge.sendFrame(1);
  assert.deepEqual((await it.acks())[0]?.refused, [{ offset: 1, code: 'LS-INGEST-005' }], 'no birth ever names it');
});

test('an old alias never names a new session after a cloud restart either', async () => {
  const births = new BirthFile(':memory:');
  const first = await ingestRig({ births });
  await first.edge.born(['pv-1', 'pv-2']);
  await first.clock.advance(1000);
  await first.edge.born(['pv-1']);
  await first.clock.advance(1000);
  const second = await ingestRig({ births });
  for (const [device, stored] of [
    ['pv-2', 0],
    ['pv-1', 1],
  ] as const) {
    await second.edge.sendFrame(second.edge.accept(device, T0, { activePowerKw: 3 }));
    await second.acks();
    assert.equal(second.ledger.storedCount(gateway), stored, device);
  }
});

test('aliases survive a cloud restart', async () => {
  const births = new BirthFile(':memory:');
  const first = await ingestRig({ births });
  await first.edge.born(['pv-1']);
  await first.clock.advance(1000);
  const second = await ingestRig({ births });
  second.edge.accept('pv-1', T0, { activePowerKw: 3 });
  await second.edge.sendFrame(0);
  await second.acks();
  assert.equal(second.ledger.storedCount(gateway), 1);
  assert.equal(second.ingest.counts().rebirths, 1, 'its state is still requested');
});

test('a birth with something new is stored, without the other devices', async (t) => {
  const births = new BirthFile(':memory:');
  const commit = t.mock.method(births, 'commit');
  const { edge, clock } = await ingestRig({ births });
  const written = async (): Promise<string[][]> => {
    await clock.advance(2000);
    const { calls } = commit.mock;
    commit.mock.resetCalls();
    return calls.map(({ arguments: [all] }) => all.flatMap(({ record }) => record.devices.map(({ device }) => device)));
  };
  await edge.born(['pv-1']);
  assert.deepEqual(await written(), [['', 'pv-1']]);
  for (let n = 0; n < 3; n++) {
    await edge.deviceDied('pv-1');
    await edge.deviceBorn('pv-1');
    assert.deepEqual(await written(), []);
  }
  await edge.deviceBorn('pv-2');
  assert.deepEqual(await written(), [['pv-2']]);
  t.mock.method(edge, 'alias', () => 7);
  await edge.deviceBorn('pv-1');
  assert.deepEqual(await written(), [['pv-1']]);
  await edge.born([]);
  assert.deepEqual(await written(), [['']]);
  await edge.deviceBorn('pv-1');
  assert.deepEqual(await written(), [['pv-1']]);
});

test('a birth that the store rejects is stored with the next ones', async (t) => {
  const births = new BirthFile(':memory:');
  const commit = t.mock.method(births, 'commit');
  const { edge, clock, link } = await ingestRig({ births });
  commit.mock.mockImplementationOnce(() => Promise.reject(down));
  await edge.born(['pv-1']);
  await link.options!.isPersisted!();
  await edge.deviceBorn('pv-2');
  await clock.advance(1000);
  const [stored] = await births.load();
  assert.deepEqual(
    stored?.record.devices.map(({ device }) => device),
    ['', 'pv-1', 'pv-2'],
  );
});

test('a birth states what its gateway reads, also after a cloud restart; version 0.1.0 reads what existed then', async () => {
  const births = new BirthFile(':memory:');
  const { edge, clock, ingest } = await ingestRig({ births });
  assert.deepEqual(ingest.reads('never-heard'), FIRST_READS);
  await edge.born(['pv-1']);
  assert.deepEqual(ingest.reads(gateway), { encodings: ['identity'], versions: [1] });
  await edge.born(['pv-1'], THIS_READS);
  assert.deepEqual(ingest.reads(gateway), THIS_READS);
  await clock.advance(1000);
  const again = await ingestRig({ births });
  assert.deepEqual(again.ingest.reads(gateway), THIS_READS);
  await again.edge.born(['pv-1']);
  assert.deepEqual(again.ingest.reads(gateway), FIRST_READS, 'the earlier software was restored');
});

test('births repeated within a session are distinguished from those of a new one', async () => {
  const heard: string[] = [];
  const { edge } = await ingestRig({
    handlers: {
      onBirth: (_from, device, again) => void heard.push(`${device ?? 'node'} ${again ? 'again' : 'new'}`),
    },
  });
  const bornIn = async (bdSeq: number): Promise<string[]> => {
    edge.bdSeq = bdSeq;
    await edge.born(['pv-1']);
    return heard.splice(0);
  };
  assert.deepEqual(await bornIn(4), ['node new', 'pv-1 new']);
  assert.deepEqual(await bornIn(4), ['node again', 'pv-1 again']);
  // The will of the session before was lost.
  assert.deepEqual(await bornIn(5), ['node new', 'pv-1 new']);
  await edge.died();
  assert.deepEqual(await bornIn(5), ['node new', 'pv-1 new']);
});

test('nodes and devices are born and die; the late will of an earlier session has no effect', async () => {
  const { edge, heard, ingest } = await ingestRig();
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
