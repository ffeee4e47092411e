import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, mock, test } from 'node:test';
import '../../testing/page-globals.ts';

const { Stream, cloudLink } = await import('./stream.ts');
const { comebacks } = await import('./settings.ts');

/** A requested stream, and what its server does with it. */
interface Asked {
  readonly isGivenUp: () => boolean;
  answer(): void;
  /** `times`: server times of beats that arrive together. */
  beat(times?: readonly number[]): Promise<void>;
}

const clocks = { monotonicMs: 1_000_000, wallMs: 2_000_000, server: 5_000_000 };
let asked: Asked[] = [];
const ignored = (): void => undefined;
const HANDLERS = {
  heartbeat: ignored,
  session: ignored,
  region: ignored,
  feeder: ignored,
  links: ignored,
  gateways: ignored,
  gateway: ignored,
  alarms: ignored,
  areas: ignored,
  event: ignored,
  forecast: ignored,
  model: ignored,
  command: ignored,
  incident: ignored,
  gap: ignored,
  plan: ignored,
};

mock.method(performance, 'now', () => clocks.monotonicMs);
mock.method(Date, 'now', () => clocks.wallMs);
mock.method(globalThis, 'fetch', (_path: string, { signal }: { signal: AbortSignal }) => {
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  let controller: ReadableStreamDefaultController | undefined;
  signal.addEventListener('abort', () => {
    reject(new Error('aborted'));
    controller?.error(new Error('aborted'));
  });
  asked.push({
    isGivenUp: () => signal.aborted,
    answer: () => resolve(new Response(new ReadableStream({ start: (given) => void (controller = given) }))),
    beat: async (times = [clocks.server]) => {
      const text = times.map((time) => `event: heartbeat\ndata: {"serverTime":${time}}\n\n`);
      controller?.enqueue(new TextEncoder().encode(text.join('')));
      await settled();
    },
  });
  return promise;
});

const settled = async (): Promise<void> => {
  for (let n = 0; n < 10; n++) await turn();
};

/** Advances all clocks except `standing`, on a page that watches every second. */
async function pass(
  stream: InstanceType<typeof Stream>,
  seconds: number,
  standing: readonly (keyof typeof clocks)[] = [],
) {
  for (const clock of Object.keys(clocks) as (keyof typeof clocks)[])
    if (!standing.includes(clock)) clocks[clock] += seconds * 1000;
  stream.watch();
  mock.timers.tick(seconds * 1000);
  await settled();
}

async function opened(): Promise<InstanceType<typeof Stream>> {
  const stream = new Stream(HANDLERS, ignored);
  stream.follow(['region']);
  asked[0]!.answer();
  await settled();
  await asked[0]!.beat();
  assert.equal(cloudLink.value, 'up');
  return stream;
}

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout'] });
  asked = [];
  cloudLink.value = 'connecting';
  comebacks.value = 0;
});

test('a request lost by the network is retried', async () => {
  const stream = new Stream(HANDLERS, ignored);
  stream.follow(['region']);
  await pass(stream, 15);
  assert.equal(asked.length, 1, 'a slow cloud gets time to answer');
  await pass(stream, 6);
  assert.deepEqual([cloudLink.value, asked[0]!.isGivenUp()], ['lost', true]);
  await pass(stream, 16);
  assert.equal(asked.length, 2);
  asked[1]!.answer();
  await settled();
  assert.deepEqual([cloudLink.value, comebacks.value], ['lost', 0], 'an answer without a heartbeat does not count');
  await asked[1]!.beat();
  assert.deepEqual([cloudLink.value, comebacks.value], ['up', 1]);
});

test('a lost request for a new screen is retried although the previous stream still runs', async () => {
  const stream = await opened();
  stream.follow(['region', 'feeder:owd-1']);
  for (let n = 0; n < 5; n++) {
    await asked[0]!.beat();
    await pass(stream, 5);
  }
  assert.ok(asked[0]!.isGivenUp() && asked[1]!.isGivenUp(), 'both streams are closed');
  await pass(stream, 16);
  assert.equal(asked.length, 3);
});

test('after the machine slept the cloud counts as lost although the monotonic clock stood still', async () => {
  const stream = await opened();
  await pass(stream, 5);
  assert.equal(cloudLink.value, 'up');
  await pass(stream, 3600, ['monotonicMs']);
  assert.equal(cloudLink.value, 'lost');
});

test('a wall clock that is set back does not make the cloud count as lost', async () => {
  const stream = await opened();
  clocks.wallMs -= 3_600_000;
  await pass(stream, 5);
  assert.equal(cloudLink.value, 'up');
  await pass(stream, 6);
  assert.equal(cloudLink.value, 'lost', 'an overdue heartbeat is still detected');
});

test('a stream that is regular but late is not live', async () => {
  const stream = await opened();
  for (let n = 0; n < 4; n++) {
    // A line with half the needed capacity: each beat is delayed by another 2.4 s.
    await pass(stream, 2.4, ['server']);
    await pass(stream, 5);
    await asked[0]!.beat();
  }
  assert.equal(cloudLink.value, 'up');
  await pass(stream, 2.4, ['server']);
  await pass(stream, 5);
  await asked[0]!.beat();
  assert.equal(cloudLink.value, 'lost');
  assert.ok(asked[0]!.isGivenUp());
});

test('a delayed burst of heartbeats is not live although its last one is current', async () => {
  await opened();
  for (const clock of Object.keys(clocks) as (keyof typeof clocks)[]) clocks[clock] += 60_000;
  await asked[0]!.beat([clocks.server - 50_000, clocks.server]);
  assert.equal(cloudLink.value, 'lost');
  assert.ok(asked[0]!.isGivenUp());
});

test('a browser that is online again reconnects at once', async () => {
  const stream = await opened();
  stream.hurry();
  assert.equal(asked.length, 1, 'a connected stream is left alone');
  clocks.monotonicMs += 11_000;
  stream.watch();
  assert.deepEqual([cloudLink.value, asked.length], ['lost', 1], 'the retry would wait');
  stream.hurry();
  assert.equal(asked.length, 2);
});
