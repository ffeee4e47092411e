import library from 'sparkplug-payload';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import type { Metric } from '../../../shared/contracts/frame.ts';
import { driverConformance } from '../testing/conformance.ts';
import { alive, START } from './testing/alive.ts';
import {
  ALIASES,
  birthOf,
  DEVICE,
  GROUP,
  NODE,
  OPTIONS,
  POWER,
  SET,
  testBench,
  valueOf,
  type TestMetric,
} from './testing/test-node.ts';

const { encodePayload: encodeForeign } = library.get('spBv1.0')!;
const NAMES: Partial<Record<Metric, string>> = {
  activePowerKw: POWER,
  reactivePowerKvar: 'Meter/Reactive Power',
  activePowerLimitKw: 'Limit',
};

/** A metric of a type that a meter value cannot have: a data set and bytes hold no single value. */
function impossible(raw: unknown): Partial<TestMetric> {
  if (typeof raw === 'string') return { type: 'String', value: raw };
  if (typeof raw === 'boolean') return { type: 'Boolean', value: raw };
  if (Array.isArray(raw)) return { type: 'Bytes', value: Uint8Array.from(raw as number[]) };
  const set = { numOfColumns: 1, columns: ['value'], types: ['Int32'], rows: [[3]] };
  return { type: 'DataSet', value: set } as Partial<TestMetric>;
}

driverConformance('sparkplug', async (clock, sign) => {
  const { node, driver } = testBench(clock, { sign });
  await node.nbirth();
  await node.dbirth(birthOf(node));
  return {
    driver,
    report: (metric, raw, timestamp) => {
      const own = typeof raw !== 'number' ? raw : metric === 'activePowerKw' ? raw * 1000 : raw;
      const more = typeof own === 'number' ? {} : impossible(own);
      return node.data([valueOf(node, NAMES[metric]!, own, { timestamp, ...more })]);
    },
    commands: () =>
      node.commands('DCMD').map(({ metrics }) => {
        assert.deepEqual([metrics?.length, metrics?.[0]?.alias?.toString()], [1, String(ALIASES[SET])]);
        return { key: 'activePowerKw' as const, value: Number(metrics?.[0]?.value) / 1000 };
      }),
  };
});

test('a birth sets values; a null is not a reading, and a setpoint is read back by its own metric', async () => {
  const { driver, value } = await alive();
  assert.deepEqual(
    [...driver.read()].map(([metric, each]) => [metric, each.value]),
    [
      ['activePowerKw', 40],
      ['socPct', 55],
      ['activePowerSetpointKw', 12],
    ],
  );
  assert.deepEqual([driver.gone(), driver.counters().refused, value('activePowerLimitKw')], [false, 0, undefined]);
});

test("data arrives by alias or name, in the birth's number type", async () => {
  const { node, driver } = testBench(new VirtualClock(START));
  await node.nbirth();
  for (const [type, raw] of [
    ['Int16', -1500],
    ['Int32', -1500],
    ['Int64', -1500],
    ['Float', -1500],
    ['UInt16', 1500],
    ['UInt32', 1500],
    ['UInt64', 1500],
  ] as const) {
    await node.dbirth([...birthOf(node).slice(1), node.metric(POWER, type, 0, { alias: 1 })]);
    await node.data([node.metric('', type, raw, { alias: 1 })]);
    assert.equal(driver.read().get('activePowerKw')?.value, raw / 1000, type);
    await node.data([node.metric(POWER, type, raw / 2)]);
    assert.equal(driver.read().get('activePowerKw')?.value, raw / 2000, `${type} by name`);
  }
  assert.equal(driver.counters().refused, 0);
});

test('a null or bad-quality value is dropped at once; an impossible one is refused', async () => {
  const { clock, node, driver, ageS, value } = await alive();
  await node.data([valueOf(node, POWER, null, { isNull: true })]);
  assert.equal(ageS('activePowerKw'), Infinity);
  assert.equal(ageS('socPct'), 0, 'metrics missing from the message keep their value');
  await node.data([valueOf(node, POWER, 41_000)]);
  assert.deepEqual([value('activePowerKw'), ageS('activePowerKw')], [41, 0]);
  const stale = { properties: { Quality: { type: 'Int32', value: 500 } } } as Partial<TestMetric>;
  await node.data([valueOf(node, POWER, 42_000, stale)]);
  assert.equal(ageS('activePowerKw'), Infinity);
  await node.data([valueOf(node, POWER, 43_000)]);
  await clock.advance(5000);
  await node.data([valueOf(node, POWER, 1e300), valueOf(node, 'SoC', 56)]);
  await node.data([valueOf(node, 'SoC', 57)]);
  assert.deepEqual([value('activePowerKw'), ageS('activePowerKw'), ageS('socPct')], [43, 5, 0]);
  assert.deepEqual(
    [
      driver.counters().refused,
      driver.counters().lastRefusal!.startsWith('LS-DEVICE-006: activePowerKw: 1e+297 is outside'),
    ],
    [1, true],
  );
});

test('a birth with a missing, renamed or non-numeric metric is reported by name with a suggestion', async () => {
  const { node, driver } = testBench(new VirtualClock(START));
  await node.nbirth();
  const rest = birthOf(node).slice(1);
  const cases: [TestMetric, RegExp][] = [
    [
      node.metric('Meter/Activ Power', 'Double', 1),
      /^LS-DEVICE-004: "Meter\/Active Power" is not in the birth of north\/plc-1\/battery; did you mean "Meter\/Activ Power"\?$/,
    ],
    [
      node.metric(POWER, 'String', '5'),
      /^LS-DEVICE-006: activePowerKw: "Meter\/Active Power" is of type string, not a number$/,
    ],
    [node.metric(POWER, 'DateTime', START), /is of type dateTime, not a number/],
    [node.metric(POWER, 'Double', 5, { alias: 2 }), /^LS-DEVICE-006: alias 2 stands for more than one metric$/],
  ];
  for (const [at, [metric, words]] of cases.entries()) {
    await node.dbirth([metric, ...rest]);
    assert.equal(driver.counters().refused, at + 1);
    assert.match(driver.counters().lastRefusal!, words);
  }
  await node.data([valueOf(node, 'Meter/Reactive Power', 7)]);
  assert.equal(driver.read().get('reactivePowerKvar'), undefined, 'its alias is ignored');
});

test('any message renews all values of the device, even one with only an unread metric', async () => {
  const { clock, node, driver, ageS } = await alive();
  await clock.advance(20_000);
  assert.equal(ageS('socPct'), 20);
  await node.data([valueOf(node, POWER, 39_000)]);
  const soc = driver.read().get('socPct');
  assert.deepEqual([soc?.value, soc?.time, ageS('socPct')], [55, START + 20_000, 0]);
  await node.dbirth([...birthOf(node, { SoC: 55 }), node.metric('Cabinet/Humidity', 'Float', 40, { alias: 77 })]);
  await clock.advance(10_000);
  await node.data([node.metric('', 'Float', 41, { alias: 77 })]);
  assert.equal(ageS('socPct'), 0);
});

test('a quiet node is asked for its births at half its time-out', async () => {
  const { clock, node, driver, ageS } = await alive();
  await clock.advance(29_000);
  assert.equal(node.rebirths(), 0);
  await clock.advance(1000);
  assert.equal(node.rebirths(), 1);
  await clock.advance(10_000);
  assert.equal(node.rebirths(), 2, 'repeated until it answers');
  await node.nbirth();
  await node.dbirth(birthOf(node, { [POWER]: 40_000 }));
  assert.deepEqual([ageS('activePowerKw'), driver.counters().refused], [0, 0]);
  await clock.advance(29_000);
  assert.equal(node.rebirths(), 2);
});

test('historical and older values are ignored; after a clock is set back the births start afresh', async () => {
  const { clock, node, driver, value, ageS } = await alive();
  await clock.advance(60_000);
  const asked = node.rebirths();
  await node.data([valueOf(node, POWER, 10_000, { timestamp: START + 50_000, isHistorical: true })]);
  assert.deepEqual([value('activePowerKw'), ageS('activePowerKw'), driver.counters().refused], [40, 60, 0]);
  await node.data([valueOf(node, POWER, 50_000, { timestamp: START + 55_000 })]);
  await clock.advance(11_000);
  for (const timestamp of [START + 54_000, START - 7_200_000])
    await node.data([valueOf(node, POWER, 20_000, { timestamp })]);
  assert.deepEqual([value('activePowerKw'), driver.counters().refused, node.rebirths() > asked], [50, 2, true]);
  await node.nbirth();
  await node.dbirth(
    birthOf(node).map((each) =>
      each.name === POWER ? node.metric(POWER, 'Double', 21_000, { alias: 1, timestamp: START }) : each,
    ),
  );
  await node.dbirth(birthOf(node, { [POWER]: 99_000 }).map((each) => ({ ...each, isHistorical: true })));
  assert.equal(value('activePowerKw'), 21, 'the same in a birth');
  await node.data([valueOf(node, POWER, 22_000, { timestamp: START + 1000 })]);
  assert.deepEqual([value('activePowerKw'), driver.read().get('activePowerKw')?.time], [22, START + 1000]);
});

test('an implausible time is replaced by the receipt time and marked; a birth may carry an old value', async () => {
  const { clock, node, driver } = await alive();
  await clock.advance(1000);
  await node.dbirth([node.metric(POWER, 'Double', 1000, { timestamp: START - 86_400_000 }), ...birthOf(node).slice(1)]);
  const old = driver.read().get('activePowerKw');
  assert.deepEqual([old?.time, old?.quality], [START + 1000, 'good'], 'it stands as of the birth');
  const wrong = {
    timestamp: 5,
    seq: (node.seq + 1) % 256,
    metrics: [{ ...node.metric(POWER, 'Double', 2000), timestamp: 5 }],
  };
  node.seq = wrong.seq;
  await node.raw('DDATA', DEVICE, encodeForeign(wrong));
  const sample = driver.read().get('activePowerKw');
  assert.deepEqual([sample?.value, sample?.time, sample?.quality], [2, START + 1000, 'uncertain']);
});

test('a setpoint is a DCMD with the type and alias of the birth, and its revert time', async () => {
  const write = { activePowerKw: { ...OPTIONS.write!.activePowerKw!, revertMetric: 'Setpoint/Timeout' } };
  const { clock, node, driver } = await alive({ write });
  const birth = (type: string, own: Partial<TestMetric>): Promise<void> =>
    node.dbirth([
      node.metric(SET, type, 0, own),
      node.metric('Setpoint/Timeout', 'UInt32', 0),
      ...birthOf(node).slice(0, 4),
    ]);
  await birth('Int16', { alias: 9 });
  await driver.hold({ activePowerKw: -12.3456 }, false);
  await birth('Float', {});
  await clock.advance(10_000);
  await driver.hold({ activePowerKw: -12.5 }, false);
  const commands = node
    .commands('DCMD')
    .map(({ seq, metrics }) => [
      seq === undefined || seq === null || Number(seq) === 0,
      ...metrics!.map(({ name, alias, type, value, timestamp }) => [
        name ?? '',
        alias?.toString() ?? '',
        type,
        Number(value),
        Number(timestamp),
      ]),
    ]);
  assert.deepEqual(commands, [
    [true, ['Setpoint/Timeout', '', 'UInt32', 60, START], ['', '9', 'Int16', -12_346, START]],
    [true, ['Setpoint/Timeout', '', 'UInt32', 60, START + 10_000], [SET, '', 'Float', -12_500, START + 10_000]],
  ]);
  assert.deepEqual(
    node.link.published
      .filter(({ topic }) => topic.includes('/DCMD/'))
      .map(({ topic, qos, retain }) => [topic, qos, retain]),
    Array.from({ length: 2 }, () => [`spBv1.0/${GROUP}/DCMD/${NODE}/${DEVICE}`, 0, false]),
  );
});

test('a limit in a whole number is rounded so that the device does not pass it', async () => {
  const write = { activePowerLimitKw: { ...OPTIONS.write!.activePowerKw!, scale: 1 } };
  const { node, driver } = await alive({ write });
  await node.dbirth([node.metric(SET, 'Int16', 0), ...birthOf(node).slice(0, 4)]);
  await driver.hold({ activePowerLimitKw: 33.7 }, false);
  assert.deepEqual(
    node.commands('DCMD').map(({ metrics }) => Number(metrics?.[0]?.value)),
    [33],
  );
});

test('metrics that are unborn, non-numeric, too narrow or share an alias are not commanded', async () => {
  const { clock, node, driver } = await alive();
  const rest = birthOf(node).slice(0, 4);
  const cases: [TestMetric[], RegExp][] = [
    [[], /^LS-DEVICE-004: activePowerKw: "Setpoint\/Active Power" is not in the birth/],
    [[node.metric(SET, 'String', '')], /is of type string, which holds no number/],
    [[node.metric(SET, 'Boolean', false)], /is of type boolean, which holds no number/],
    [[node.metric(SET, 'UInt16', 0)], /"Setpoint\/Active Power" of type uint16 does not hold -50000/],
    [[node.metric(SET, 'Double', 0, { alias: 4 })], /its alias is not its own/],
  ];
  for (const [metrics, words] of cases) {
    await node.dbirth([...rest, ...metrics]);
    await clock.advance(2000);
    await driver.hold({ activePowerKw: -50 }, true);
    assert.match(driver.counters().lastRefusal!, words);
  }
  await node.dbirth(birthOf(node));
  await node.say('DDEATH', DEVICE, []);
  await clock.advance(2000);
  await driver.hold({ activePowerKw: -50 }, true);
  assert.deepEqual([node.commands('DCMD').length, driver.counters().sent, driver.counters().unsent], [0, 0, 1]);
});

test('a device that returns gets its current setpoint at once', async () => {
  const { clock, node, driver } = await alive();
  await driver.hold({ activePowerKw: 5 }, false);
  await node.say('DDEATH', DEVICE, []);
  await clock.advance(1000);
  await driver.hold({ activePowerKw: 5 }, false);
  await node.dbirth(birthOf(node));
  await clock.advance(1000);
  await driver.hold({ activePowerKw: 5 }, false);
  assert.deepEqual([node.commands('DCMD').length, driver.counters().sent], [2, 2]);
});

test("a node's own metrics arrive by NBIRTH and NDATA, and are commanded by NCMD", async () => {
  const clock = new VirtualClock(START);
  const { node, driver } = testBench(clock, { device: undefined });
  await node.nbirth(birthOf(node, { [POWER]: 3000 }));
  await node.say('NDATA', undefined, [valueOf(node, POWER, 4000)]);
  assert.equal(driver.read().get('activePowerKw')?.value, 4);
  await driver.hold({ activePowerKw: 7 }, false);
  const [command] = node.commands('NCMD').filter(({ metrics }) => metrics?.[0]?.name !== 'Node Control/Rebirth');
  assert.deepEqual([node.commands('DCMD').length, Number(command?.metrics?.[0]?.value)], [0, 7000]);
  await node.ndeath();
  assert.equal(driver.gone(), true);
});
