import { Aedes } from 'aedes';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { after, test } from 'node:test';
import type { LinkHandlers } from '../../shared/ports/link.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { MqttLink } from './mqtt-link.ts';

const fail = (error: unknown): never => {
  throw error;
};
const real = new SystemClock(fail);
const closing: (() => unknown)[] = [];
after(async () => {
  for (const close of closing.reverse()) await close();
});

/** Accepts every client and drops it once it has subscribed. */
async function flappingBroker(): Promise<number> {
  const aedes = await Aedes.createBroker();
  aedes.on('subscribe', (_subscriptions, client) => setImmediate(() => client.close()));
  const server: Server = createServer((socket) => void aedes.handle(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(
    () => aedes.close(),
    () => server.close(),
  );
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}

/** Time-outs for a broker that has not answered yet. */
const PATIENCES_MS = [15_000, 30_000, 60_000];

/** A link whose waits are recorded and shortened to a millisecond; its jitter is always the maximum. */
function impatientLink(
  port: number,
  hurried: (delayMs: number) => void,
  elapsed = () => real.machine.elapsed(),
): MqttLink {
  const machine = {
    ...real.machine,
    elapsed,
    after: (delayMs: number, task: () => void | Promise<void>) => {
      if (PATIENCES_MS.includes(delayMs)) return real.machine.after(500, task);
      hurried(delayMs);
      return real.machine.after(1, task);
    },
  };
  return new MqttLink({
    url: `mqtt://127.0.0.1:${port}`,
    keepAliveS: 10,
    clock: { plant: real.plant, machine, speed: () => 1 },
    random: { next: () => 1, uint32: () => 1 },
    onFailure: fail,
  });
}

const options = { clientId: 'owd-01', subscriptions: ['loadstone/v1/owd-01/ack'] };
const handlers = (onClose: () => void): LinkHandlers => ({
  onConnect: () => undefined,
  onClose,
  onMessage: () => undefined,
});

/** The waits between the attempts of a link that is dropped `times` times. */
async function waits(times: number, elapsed?: () => number): Promise<number[]> {
  const delays: number[] = [];
  const port = await flappingBroker();
  const { promise, resolve } = Promise.withResolvers<void>();
  const link = impatientLink(
    port,
    (delayMs) => delays.length < times && delays.push(delayMs) === times && resolve(),
    elapsed,
  );
  link.open(
    options,
    handlers(() => undefined),
  );
  await promise;
  await link.close();
  return delays;
}

test('reconnection waits grow when a broker accepts a gateway and drops it at once', async () => {
  assert.deepEqual(await waits(5), [1000, 2000, 4000, 8000, 16_000]);
});

test('the loss of a long-lived connection restarts with short waits', async () => {
  let now = 0;
  // Each look at the clock is a minute later, so every connection counts as stable.
  assert.deepEqual(await waits(3, () => (now += 60_000)), [1000, 1000, 1000]);
});

test('a reopened link waits as after any loss, so that gateways of a lost host do not return at once', async () => {
  const delays: number[] = [];
  const link = impatientLink(await flappingBroker(), (delayMs) => delays.push(delayMs));
  const { promise, resolve } = Promise.withResolvers<void>();
  link.open(options, handlers(resolve));
  await promise;
  await link.close();
  delays.length = 0;
  link.open(
    options,
    handlers(() => undefined),
  );
  assert.deepEqual(delays, [2000], 'the second try since a connection');
  await link.close();
});

test('a connection whose subscriptions are never acknowledged times out', async () => {
  const aedes = await Aedes.createBroker({ authorizeSubscribe: () => undefined });
  const server: Server = createServer((socket) => void aedes.handle(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(
    () => aedes.close(),
    () => server.close(),
  );
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const link = impatientLink(address.port, () => undefined);
  closing.push(() => link.close());
  const { promise, resolve } = Promise.withResolvers<string>();
  link.open(options, { ...handlers(() => undefined), onClose: resolve });
  const patience = setTimeout(() => resolve('it still waits'), 5000);
  assert.match(await promise, /does not answer the subscriptions/);
  clearTimeout(patience);
});
