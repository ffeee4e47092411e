import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateSigningKey } from '../../shared/codec/signed-document.ts';
import { signHeartbeat } from '../../shared/codec/signed-heartbeat.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { topicFor } from '../../shared/topics/topics.ts';
import { SimDisk } from '../../simulators/sim/sim-disk.ts';
import { HEARTBEAT_FILE, HeartbeatGate } from './heartbeat-gate.ts';
import { START, UplinkBench } from './testing/bench.ts';

const key = await generateSigningKey();
const other = await generateSigningKey();
const NONCE = '00112233445566778899aabbccddeeff';

async function gateOf(disk = new SimDisk(), hasRoot = false) {
  const clock = new VirtualClock(START);
  const gate = new HeartbeatGate({
    gateway: 'owd-01',
    keys: async () => [key.publicKey],
    hasRoot: () => hasRoot,
    disk,
    plant: clock.plant,
  });
  await gate.load();
  gate.begin(NONCE);
  const signed = async (words: { time?: number; gateway?: string; nonce?: string } = {}, by = key.privateKey) => {
    const { time = clock.plant.now(), gateway = 'owd-01', nonce = NONCE } = words;
    return {
      version: 1 as const,
      time,
      epoch: 1,
      signed: await signHeartbeat({ gateway, nonce, time }, by),
    };
  };
  const plain = () => ({ version: 1 as const, time: clock.plant.now(), epoch: 1 });
  return { clock, disk, gate, plain, signed };
}

test('unsigned heartbeats count until the cloud has signed one, then never again, even after a restart', async () => {
  const { disk, gate, plain, signed } = await gateOf();
  assert.equal(await gate.judge(plain()), 'taken', 'an older cloud');
  assert.equal(await gate.judge(await signed({}, other.privateKey)), 'refused');
  assert.equal(await gate.judge(plain()), 'taken', 'a heartbeat signed by another key changes nothing');
  assert.equal(await gate.judge(await signed()), 'taken');
  assert.equal(await gate.judge(plain()), 'refused');
  const again = await gateOf(disk);
  assert.equal(await again.gate.judge(again.plain()), 'refused');
  assert.equal(await again.gate.judge(await again.signed()), 'taken');
});

test('with a pinned root unsigned heartbeats never count and unsigned acknowledgements close no records', async () => {
  const { gate, plain, signed } = await gateOf(new SimDisk(), true);
  assert.equal(await gate.judge(plain()), 'refused');
  assert.equal(gate.isPinned, true);
  assert.equal(await gate.judge(await signed()), 'taken');
});

test('an enrolled gateway ignores unsigned heartbeats even before it has heard its cloud', async () => {
  const pinned = { root: other.publicKey, list: '' };
  for (const isEnrolled of [false, true]) {
    const bench = new UplinkBench(41, { keys: [key.publicKey], pinned: isEnrolled ? pinned : undefined });
    bench.cloud.start();
    const { heard } = await bench.startGateway();
    await bench.clock.advance(2000);
    const beat = { version: 1, time: bench.clock.plant.now(), epoch: 1 };
    await bench.cloud.say(topicFor('heartbeat', 'owd-01'), new TextEncoder().encode(JSON.stringify(beat)));
    await bench.clock.advance(1000);
    const count = heard.filter(({ kind }) => kind === 'heartbeat').length;
    assert.equal(count, isEnrolled ? 0 : 1, 'a gateway with a single key has an older cloud');
  }
});

test('a heartbeat for another gateway, another birth or another time does not count', async () => {
  const { clock, gate, signed } = await gateOf();
  assert.equal(await gate.judge(await signed({ gateway: 'owd-02' })), 'refused');
  assert.equal(await gate.judge(await signed({ nonce: 'ff'.repeat(16) })), 'late');
  assert.equal(await gate.judge({ ...(await signed()), time: clock.plant.now() + 1 }), 'refused');
  const { signed: whole, ...rest } = await signed();
  const bent = whole.replace(/\..(?=.)/, (first) => (first === '.A' ? '.B' : '.A'));
  for (const forged of [bent, whole.split('.')[0]!, `${whole.split('.')[0]}.`])
    assert.equal(await gate.judge({ ...rest, signed: forged }), 'refused', forged);
  assert.equal(await gate.judge({ ...rest, signed: '' }), 'late');
  assert.equal(await gate.judge({ ...rest, signed: whole }), 'taken');
});

test('delayed or replayed heartbeats are late, whatever the clock of the gateway', async () => {
  const { clock, gate, signed } = await gateOf();
  // The cloud's clock is an hour ahead of the gateway's.
  const AHEAD = 3_600_000;
  const current = () => signed({ time: clock.plant.now() + AHEAD });
  assert.equal(await gate.judge(await current()), 'taken');
  await clock.advance(60_000);
  const held = await current();
  assert.equal(await gate.judge(held), 'taken');
  await clock.advance(119_000);
  assert.equal(await gate.judge(held), 'taken', 'the cloud was there two minutes ago');
  assert.equal(gate.lagMs, 119_000);
  await clock.advance(2000);
  assert.equal(await gate.judge(held), 'late');
  const delayed = await current();
  await clock.advance(121_000);
  assert.equal(await gate.judge(delayed), 'late');
  assert.equal(await gate.judge(await current()), 'taken');
  assert.equal(await gate.judge(delayed), 'late', 'older than the last one');
  gate.begin('11'.repeat(16));
  assert.equal(await gate.judge(await current()), 'late', 'for the previous birth');
  await clock.advance(121_000);
  assert.equal(
    await gate.judge(await signed({ nonce: '11'.repeat(16) })),
    'late',
    'the answer to a birth comes at once',
  );
});

test('clocks that drift apart, or are set, ask for a new birth before the age of a heartbeat matters', async () => {
  const { clock, gate, signed } = await gateOf();
  const startMs = clock.plant.now();
  let [drifts, births] = [0, 0];
  assert.equal(await gate.judge(await signed()), 'taken');
  for (let minute = 0; minute < 30 * 1440; minute += 10) {
    await clock.advance(600_000);
    // The cloud's clock is slow by 50 ppm, and set back by 50 s once.
    drifts = 50e-6 * (clock.plant.now() - startMs) + (minute < 1440 ? 0 : 50_000);
    const time = Math.floor(clock.plant.now() - drifts);
    const judged = await gate.judge(await signed({ time }));
    assert.equal(judged, 'taken');
    assert.ok(gate.lagMs < 60_000, `${gate.lagMs} ms`);
    if (!gate.isRebirthDue(judged)) continue;
    births++;
    gate.begin(NONCE);
    assert.equal(await gate.judge(await signed({ time })), 'taken');
    assert.equal(gate.lagMs, 0);
  }
  assert.ok(births >= 3 && births < 6, `${births} births`);
});

test('a gateway with signed heartbeats ignores unsigned ones and requests new ones when they are late', async () => {
  const bench = new UplinkBench(31, { keys: [key.publicKey] });
  bench.cloud.start();
  const { heard } = await bench.startGateway();
  await bench.clock.advance(2000);
  const say = async (heartbeat: object): Promise<number> => {
    await bench.cloud.say(topicFor('heartbeat', 'owd-01'), new TextEncoder().encode(JSON.stringify(heartbeat)));
    await bench.clock.advance(1000);
    return heard.filter(({ kind }) => kind === 'heartbeat').length;
  };
  const nonce = bench.cloud.reads.heartbeatNonce!;
  const time = bench.clock.plant.now();
  const signed = await signHeartbeat({ gateway: 'owd-01', nonce, time }, key.privateKey);
  assert.equal(await say({ version: 1, time, epoch: 1, signed }), 1);
  assert.equal(await say({ version: 1, time: time + 60_000, epoch: 1 }), 1, 'forged by a broker');
  assert.equal(await say({ version: 1, time, epoch: 1, signed }), 2);
  await bench.clock.advance(130_000);
  const births = bench.cloud.births.length;
  assert.equal(await say({ version: 1, time, epoch: 1, signed }), 2, 'replayed too late');
  assert.equal(bench.cloud.births.length, births + 1, 'it sends new births');
  assert.notEqual(bench.cloud.reads.heartbeatNonce, nonce);
});

test('heartbeats of a cloud that answers births late count without repeated births', async () => {
  const bench = new UplinkBench(37, { keys: [key.publicKey] });
  bench.cloud.start();
  const { heard } = await bench.startGateway();
  const say = async (nonce: string): Promise<void> => {
    const time = bench.clock.plant.now();
    const signed = await signHeartbeat({ gateway: 'owd-01', nonce, time }, key.privateKey);
    const heartbeat = { version: 1, time, epoch: 1, signed };
    await bench.cloud.say(topicFor('heartbeat', 'owd-01'), new TextEncoder().encode(JSON.stringify(heartbeat)));
  };
  const answered = new Set<string>();
  for (let second = 0; second < 115; second++) {
    // The beat of a cloud that has not processed the newest birth yet.
    if (second === 4) await say('ab'.repeat(8));
    const { heartbeatNonce: nonce } = bench.cloud.reads;
    if (nonce !== undefined && !answered.has(nonce)) {
      answered.add(nonce);
      bench.clock.machine.after(8000, () => say(nonce));
    }
    await bench.clock.advance(1000);
  }
  assert.ok(
    heard.some(({ kind }) => kind === 'heartbeat'),
    `none heard in two minutes, ${answered.size} births`,
  );
  assert.ok(answered.size <= 2, `${answered.size} births`);
});

test('while the heartbeat file is unreadable nothing unsigned counts', async () => {
  const { disk, gate, signed } = await gateOf();
  assert.equal(await gate.judge(await signed()), 'taken');
  disk.unread = HEARTBEAT_FILE;
  const again = await gateOf(disk);
  assert.equal(await again.gate.judge(again.plain()), 'refused');
  assert.equal(again.gate.isPinned, true, 'an unsigned acknowledgement closes no record');
  assert.equal(await again.gate.judge(await again.signed()), 'taken');
  disk.unread = undefined;
  assert.equal(await again.gate.judge(again.plain()), 'refused');
  assert.equal(new TextDecoder().decode(await disk.read(HEARTBEAT_FILE)), '{"version":1,"signed":true,"covers":true}');
  const fresh = new SimDisk();
  fresh.unread = HEARTBEAT_FILE;
  const first = await gateOf(fresh);
  fresh.unread = undefined;
  assert.equal(await first.gate.judge(first.plain()), 'taken', 'the file shows that there was none');
  assert.equal(first.gate.isPinned, false);
});
