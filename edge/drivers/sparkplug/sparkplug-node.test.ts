import library from 'sparkplug-payload';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { assert as asserts, asyncProperty, constantFrom, nat, oneof, record, uint8Array } from 'fast-check';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { plausible } from '../plausible.ts';
import { RATED_KW } from '../testing/conformance.ts';
import { SparkplugDriver } from './sparkplug-driver.ts';
import { alive, START } from './testing/alive.ts';
import { birthOf, DEVICE, GROUP, HOST, NODE, OPTIONS, POWER, testBench, valueOf } from './testing/test-node.ts';

const { encodePayload: encodeForeign } = library.get('spBv1.0')!;

test('a death of device or node counts at once, but not the late will of an earlier session', async () => {
  const { node, driver, value } = await alive();
  node.bdSeq = 1;
  await node.nbirth();
  assert.equal(driver.gone(), true, 'a new session: its devices are gone until they are born');
  await node.dbirth(birthOf(node, { [POWER]: 1000 }));
  await node.ndeath(0);
  assert.equal(driver.gone(), false);
  await node.say('DDEATH', 'another', []);
  assert.equal(driver.gone(), false);
  await node.say('DDEATH', DEVICE, []);
  assert.deepEqual([driver.gone(), value('activePowerKw')], [true, 1], 'its last value is still known');
  await node.dbirth(birthOf(node, { [POWER]: 2000 }));
  assert.deepEqual([driver.gone(), value('activePowerKw')], [false, 2]);
  await node.ndeath();
  assert.equal(driver.gone(), true);
  assert.equal(driver.counters().refused, 0);
});

test('a rebirth in the same session keeps values and drops aliases', async () => {
  const { node, driver, value } = await alive();
  await node.nbirth();
  assert.deepEqual([driver.gone(), value('activePowerKw')], [false, 40]);
  await driver.hold({ activePowerKw: 5 }, true);
  assert.deepEqual([node.commands('DCMD').length, driver.counters().unsent], [0, 1], 'not commanded by an old alias');
  await node.data([valueOf(node, POWER, 1000)]);
  assert.equal(value('activePowerKw'), 40, 'not read by one either');
});

test('data before birth, an unknown alias or a gap requests a rebirth every ten seconds until answered', async () => {
  const { clock, node, driver, value } = await alive();
  await clock.advance(1000);
  await node.data([node.metric('', 'Double', 1, { alias: 99 })]);
  assert.equal(node.rebirths(), 1);
  await node.nbirth();
  await node.dbirth(birthOf(node, { [POWER]: 30_000 }));
  node.seq += 3;
  await node.data([valueOf(node, POWER, 99_000)]);
  assert.equal(node.rebirths(), 1, 'not yet again');
  assert.match(
    driver.counters().lastRefusal!,
    /^LS-DEVICE-006: north\/plc-1: DDATA has sequence number 5 instead of 2/,
  );
  await node.data([valueOf(node, POWER, 99_000)]);
  assert.equal(value('activePowerKw'), 30, 'the lost message may have changed aliases');
  await clock.advance(9000);
  assert.equal(node.rebirths(), 1);
  await clock.advance(1000);
  assert.equal(node.rebirths(), 2);
  await clock.advance(30_000);
  assert.equal(node.rebirths(), 5, 'until answered');
  await node.nbirth();
  await node.dbirth(birthOf(node, { [POWER]: 31_000 }));
  await clock.advance(20_000);
  assert.deepEqual([node.rebirths(), value('activePowerKw')], [5, 31]);
});

test('a gateway requests the births of a running node at its start and after a lost connection', async () => {
  const clock = new VirtualClock(START);
  const { node, driver } = testBench(clock);
  await setImmediate();
  assert.deepEqual(
    node.link.published.map(({ topic, qos, retain }) => [topic, qos, retain]),
    [
      [`spBv1.0/STATE/${HOST}`, 1, true],
      [`spBv1.0/${GROUP}/NCMD/${NODE}`, 0, false],
    ],
  );
  node.seq = 41;
  await node.data([valueOf(node, POWER, 1000)]);
  assert.deepEqual([driver.read().size, driver.counters().refused], [0, 0]);
  await node.nbirth();
  await node.dbirth(birthOf(node, { [POWER]: 1000 }));
  assert.equal(driver.read().get('activePowerKw')?.value, 1);
  await clock.advance(20_000);
  const before = node.rebirths();
  await node.link.reconnect();
  assert.equal(node.rebirths(), before + 1);
  await node.data([valueOf(node, POWER, 2000)]);
  assert.equal(driver.read().get('activePowerKw')?.value, 1, 'births in the meantime are unknown');
});

test('the Sparkplug host corrects a wrong STATE of its own and announces its leave', async () => {
  const clock = new VirtualClock(START);
  const { node } = testBench(clock);
  await setImmediate();
  const states = () =>
    node.link.published
      .filter(({ topic }) => topic === `spBv1.0/STATE/${HOST}`)
      .map(({ text }) => JSON.parse(text) as { online: boolean; timestamp: number });
  const will = node.link.options?.will?.();
  assert.deepEqual([will?.topic, will?.qos, will?.retain], [`spBv1.0/STATE/${HOST}`, 1, true]);
  assert.deepEqual(states(), [{ online: true, timestamp: START }]);
  await node.link.deliver(`spBv1.0/STATE/${HOST}`, '{"online":false,"timestamp":1}');
  await node.link.deliver(`spBv1.0/STATE/${HOST}`, '{"online":true,"timestamp":1}');
  await node.link.deliver(`spBv1.0/STATE/${HOST}`, 'nonsense');
  assert.deepEqual(
    states().map(({ online }) => online),
    [true, true],
  );
  await clock.advance(5000);
  await node.bus.close();
  assert.deepEqual(states().at(-1), { online: false, timestamp: START + 5000 });
});

test('two drivers of one device and unread devices share one sequence', async () => {
  const clock = new VirtualClock(START);
  const { node, driver } = testBench(clock);
  const { read } = OPTIONS;
  const second = new SparkplugDriver({ ...OPTIONS, node: node.host.node(GROUP, NODE), clock, read, write: undefined });
  await node.nbirth();
  await node.dbirth([], 'other');
  await node.dbirth(birthOf(node));
  await node.data([node.metric('x', 'Int32', 1)], 'other');
  for (let n = 0; n < 600; n++) await node.data([valueOf(node, POWER, n)]);
  assert.deepEqual(
    [driver, second].map((each) => [each.read().get('activePowerKw')?.value, each.counters().refused]),
    [
      [0.599, 0],
      [0.599, 0],
    ],
  );
});

test('broken or hostile payloads are refused with their code and counted, and throw nothing', async () => {
  const { node, driver, value } = await alive();
  const types = ['NBIRTH', 'NDATA', 'NDEATH', 'DBIRTH', 'DDATA', 'DDEATH'];
  for (const type of types) {
    const before = driver.counters().refused;
    await node.raw(type, type.startsWith('D') ? DEVICE : undefined, new Uint8Array([0xff, 0xff, 0xff]));
    assert.equal(driver.counters().refused, before + 1, type);
    assert.match(driver.counters().lastRefusal!, new RegExp(`^LS-DEVICE-006: north/plc-1: ${type}: `));
  }
  assert.deepEqual([value('activePowerKw'), driver.gone()], [40, false]);
  const whole = encodeForeign({ timestamp: START, seq: 1, metrics: birthOf(node, { [POWER]: 1 }) });
  await asserts(
    asyncProperty(
      constantFrom(...types),
      oneof(
        uint8Array({ maxLength: 60 }),
        record({ at: nat(whole.length - 1), byte: nat(255) }).map(({ at, byte }) => whole.with(at, byte)),
      ),
      async (type, bytes) => {
        await node.raw(type, type.startsWith('D') ? DEVICE : undefined, bytes);
        await driver.hold({ activePowerKw: 1 }, true);
        for (const [metric, { value }] of driver.read()) {
          const span = plausible(metric, RATED_KW);
          assert.ok(value >= span.min && value <= span.max);
        }
      },
    ),
    { numRuns: 1500 },
  );
});
