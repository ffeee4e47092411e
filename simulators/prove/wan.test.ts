import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../../shared/ports/random.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { SimNetwork, type NetworkFaults } from '../sim/sim-network.ts';
import { oneWay, readingFaults } from './wan.ts';

const wan = { latencyS: 1, lossShare: 0.05 };
const COUNT = 4000;
/** Messages this far apart never wait for each other, ms. */
const APART_MS = 10_000;

/** Sends messages through the simulated broker: the mean time from end to end, s, and the share that is lost. */
async function travelled(topic: string, faults: NetworkFaults | undefined): Promise<{ meanS: number; lost: number }> {
  const clock = new VirtualClock(0);
  const faultsOf = (): NetworkFaults | undefined => faults;
  const network = new SimNetwork({ clock, random: new SeededRandom(1, 'wan'), faultsOf });
  const delays: number[] = [];
  let sentMs = 0;
  const [from, to] = [network.link(), network.link()];
  const silent = { onConnect: () => {}, onClose: () => {}, onMessage: () => {} };
  from.open({ clientId: 'plant', subscriptions: [] }, silent);
  to.open(
    { clientId: 'gateway', subscriptions: [topic] },
    { ...silent, onMessage: () => void delays.push(clock.machine.elapsed() - sentMs) },
  );
  await clock.advance(1000);
  for (let at = 0; at < COUNT; at++) {
    sentMs = clock.machine.elapsed();
    await from.publish(topic, new Uint8Array(), { qos: 0 });
    await clock.advance(APART_MS);
  }
  const meanS = delays.reduce((sum, ms) => sum + ms, 0) / delays.length / 1000;
  return { meanS, lost: 1 - delays.length / COUNT };
}

const near = (value: number, expected: number, off: number): void =>
  assert.ok(Math.abs(value - expected) < off, `${value} instead of ${expected}`);

test('a message takes one way over the WAN, and is lost once', async () => {
  const { meanS, lost } = await travelled('cloud/plan', oneWay(wan));
  near(meanS, wan.latencyS, 0.02);
  near(lost, wan.lossShare, 0.015);
});

test('readings of a guard in the cloud take the delay and the loss of both ways, those of devices too', async () => {
  for (const topic of ['transformer/state', 'feeder-2/state', 'battery-1/state']) {
    const { meanS, lost } = await travelled(topic, readingFaults(topic, wan, { isUp: true }));
    near(meanS, 2 * wan.latencyS, 0.02);
    near(lost, 1 - (1 - wan.lossShare) ** 2, 0.02);
  }
  assert.equal(readingFaults('battery-1/set', wan, { isUp: true }), undefined);
});

test('while the WAN is down a guard in the cloud knows no head, and the site still reads its devices', () => {
  for (const topic of ['transformer/state', 'feeder-1/state'])
    assert.equal(readingFaults(topic, wan, { isUp: false })?.drop, 1);
  assert.equal(readingFaults('battery-1/state', wan, { isUp: false }), undefined);
});
