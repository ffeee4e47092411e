import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateSigningKey } from '../../shared/codec/signed-document.ts';
import { coveredText, signHeartbeat } from '../../shared/codec/signed-heartbeat.ts';
import type { Accounted, OffsetRange } from '../../shared/contracts/acknowledgement.ts';
import { topicFor } from '../../shared/topics/topics.ts';
import { ACCOUNT_FILE } from '../journal/recovery.ts';
import { UplinkBench, type RunningGateway } from './testing/bench.ts';

const key = await generateSigningKey();
const PAUSE_MS = 120_000;
/** A tenth of a megabyte, so that the test exceeds it. */
const SMALL_MB = 0.1;

interface Held {
  readonly bench: UplinkBench;
  readonly gateway: RunningGateway;
  /** Sends a heartbeat of the true cloud; `tampered` replaces the content after signing. */
  readonly beat: (covered?: readonly Accounted[], tampered?: readonly Accounted[]) => Promise<void>;
  /** Claims as the owner of the broker that everything is stored. */
  readonly forge: () => Promise<void>;
  /** The acknowledged ranges in the journal's account on disk. */
  readonly closed: () => Promise<readonly OffsetRange[]>;
}

async function heldGateway(maxMb?: number): Promise<Held> {
  const bench = new UplinkBench(5, { keys: [key.publicKey], ...(maxMb === undefined ? {} : { maxMb }) });
  bench.cloud.acknowledges = false;
  bench.cloud.start();
  const gateway = await bench.startGateway();
  await bench.clock.advance(2000);
  const say = async (name: 'heartbeat' | 'acknowledgement', words: object): Promise<void> => {
    await bench.cloud.say(topicFor(name, 'owd-01'), new TextEncoder().encode(JSON.stringify(words)));
    await bench.clock.advance(500);
  };
  return {
    bench,
    gateway,
    beat: async (covered, tampered = covered) => {
      const time = bench.clock.plant.now();
      const words = {
        gateway: 'owd-01',
        nonce: bench.cloud.reads.heartbeatNonce!,
        time,
        covered: covered?.map(coveredText),
      };
      const signed = await signHeartbeat(words, key.privateKey);
      await say('heartbeat', {
        version: 1,
        time,
        epoch: 1,
        ...(tampered === undefined ? {} : { covered: tampered.map(coveredText) }),
        signed,
      });
    },
    forge: () => {
      const { run } = gateway.core.journal;
      return say('acknowledgement', {
        version: 1,
        stream: 'measurements',
        run,
        upTo: 2 ** 40,
        ranges: [],
        refused: [],
      });
    },
    closed: async () => {
      await bench.clock.advance(6000);
      await gateway.core.journal.flush();
      const bytes = await bench.disk.read(ACCOUNT_FILE);
      const account = JSON.parse(new TextDecoder().decode(bytes)) as {
        streams: { measurements: { acked: OffsetRange[] } };
      };
      return account.streams.measurements.acked;
    },
  };
}

const upTo = (gateway: RunningGateway, last: number): Accounted => ({
  stream: 'measurements',
  run: gateway.core.journal.run,
  upTo: last,
  ranges: [],
});

test('an unsigned acknowledgement only pauses resending; a signed heartbeat closes records', async () => {
  const { bench, gateway, beat, forge, closed } = await heldGateway();
  const { journal } = gateway.core;
  await beat([]);
  await bench.produce(gateway, 20);
  assert.equal(journal.openCount('measurements'), 60);
  await forge();
  assert.equal(journal.openCount('measurements'), 0, 'nothing is sent for now');
  assert.deepEqual(await closed(), [], 'and nothing is closed');
  const repeats = bench.cloud.repeats;
  await bench.clock.advance(PAUSE_MS / 2);
  assert.equal(bench.cloud.repeats, repeats, 'it is quiet');
  await bench.clock.advance(PAUSE_MS);
  assert.ok(bench.cloud.repeats >= repeats + 60, `${bench.cloud.repeats - repeats} are sent again`);
  assert.equal(journal.openCount('measurements'), 60);

  await beat([], [upTo(gateway, 59)]);
  assert.deepEqual(await closed(), [], 'the coverage is not what was signed');
  await beat([upTo(gateway, 39)]);
  assert.deepEqual(await closed(), [[0, 39]]);
  assert.equal(journal.openCount('measurements'), 20);
});

test('records acknowledged without signature are reported as dropped when space is short', async () => {
  const { bench, gateway, beat, forge } = await heldGateway(SMALL_MB);
  await beat([]);
  for (let round = 0; round < 60; round++) {
    await bench.produce(gateway, 20);
    await forge();
  }
  const { droppedFrames } = gateway.core.journal.state();
  assert.ok(droppedFrames > 100, `${droppedFrames} frames are reported as dropped`);
});

test('plain acknowledgements close records until the cloud has once signed a heartbeat', async () => {
  const { bench, gateway, beat, forge, closed } = await heldGateway();
  await bench.produce(gateway, 5);
  await forge();
  assert.deepEqual(await closed(), [[0, 14]]);
  await bench.produce(gateway, 5);
  await beat();
  await forge();
  assert.deepEqual(await closed(), [[0, 14]], 'the heartbeat covers nothing, but it is signed');
  bench.killGateway(gateway);
  const again = await bench.startGateway();
  await bench.clock.advance(10_000);
  await bench.cloud.say(
    topicFor('acknowledgement', 'owd-01'),
    new TextEncoder().encode(JSON.stringify({ version: 1, ...upTo(gateway, 2 ** 40), refused: [] })),
  );
  await bench.clock.advance(6000);
  await again.core.journal.flush();
  assert.match(new TextDecoder().decode(await bench.disk.read(ACCOUNT_FILE)), /"acked":\[\[0,14\]\]/);
});
