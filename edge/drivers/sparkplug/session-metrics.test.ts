import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { parseConfig } from '../../config/load.ts';
import { START } from './testing/alive.ts';
import { OPTIONS, POWER, testBench, type TestMetric, type TestNode } from './testing/test-node.ts';

const SESSIONS = {
  chargers: 2,
  connected: { metric: 'EVSE {n}/Connected', scale: 1 },
  energyDueKwh: { metric: 'EVSE {n}/Energy', scale: 0.001 },
  departure: { metric: 'EVSE {n}/Departure', scale: 1 },
  maxKw: { metric: 'EVSE {n}/Max', scale: 1 },
  uninterrupted: { metric: 'EVSE {n}/Steady', scale: 1 },
  charging: { metric: 'EVSE {n}/Charging', scale: 1 },
};

type Charger = readonly [connected: boolean | null, energyWh: number | null, departure: number | null, maxKw: number];

const metricsOf = (node: TestNode, chargers: readonly Charger[]): TestMetric[] => [
  node.metric(POWER, 'Double', 8000),
  ...chargers.flatMap(([connected, energyWh, departure, maxKw], at) => {
    const name = (part: string): string => `EVSE ${at + 1}/${part}`;
    return [
      node.metric(name('Connected'), 'Boolean', connected, { isNull: connected === null }),
      node.metric(name('Energy'), 'Double', energyWh, { isNull: energyWh === null }),
      node.metric(name('Departure'), 'DateTime', departure, { isNull: departure === null }),
      node.metric(name('Max'), 'Float', maxKw),
      node.metric(name('Steady'), 'Boolean', null, { isNull: true }),
      node.metric(name('Charging'), 'Boolean', null, { isNull: true }),
    ];
  }),
];

async function site(chargers: readonly Charger[]) {
  const clock = new VirtualClock(START);
  const read = { ...OPTIONS.read, staleAfterS: 60, sessionList: SESSIONS };
  const { node, driver } = testBench(clock, { read, write: {} });
  await node.nbirth();
  await node.dbirth(metricsOf(node, chargers));
  return { clock, node, driver };
}

const LEAVES = START + 3_600_000;

test('sessions are read from charger metrics; metrics missing from a message keep their value', async () => {
  const { node, driver } = await site([
    [true, 12_000, LEAVES, 11],
    [false, null, null, 22],
  ]);
  const first = { id: 'charger-1', energyDueKwh: 12, departure: LEAVES, maxKw: 11, minKw: 0 };
  assert.deepEqual(driver.sessions(), [first]);
  await node.data([node.metric('EVSE 2/Connected', 'Boolean', true)]);
  assert.deepEqual(driver.sessions(), [first, { id: 'charger-2', maxKw: 22, minKw: 0 }], 'it reports no energy');
  await node.data([node.metric('EVSE 1/Energy', 'Double', 9000), node.metric('EVSE 2/Connected', 'Boolean', false)]);
  assert.deepEqual(driver.sessions(), [{ ...first, energyDueKwh: 9 }]);
  await node.data([node.metric('EVSE 1/Steady', 'Boolean', true), node.metric('EVSE 1/Charging', 'Boolean', false)]);
  assert.deepEqual(driver.sessions(), [{ ...first, energyDueKwh: 9, uninterrupted: true, charging: false }]);
});

test('invalid, old or dead metrics make the session list unknown until a birth, not empty', async () => {
  const chargers = [
    [true, 12_000, LEAVES, 11],
    [false, null, null, 22],
  ] as const;
  const { clock, node, driver } = await site(chargers);
  const known = (): boolean => driver.sessions() !== undefined;
  const born = async (): Promise<void> => {
    await node.dbirth(metricsOf(node, chargers));
    assert.equal(known(), true);
  };
  await node.data([node.metric('EVSE 2/Connected', 'Boolean', null, { isNull: true })]);
  assert.equal(known(), false);
  assert.equal(driver.counters().lastRefusal, 'sessions: charger-2 does not report whether a car is connected');
  await born();
  await node.data([node.metric('EVSE 1/Max', 'Float', -3)]);
  assert.equal(known(), false);
  assert.match(driver.counters().lastRefusal ?? '', /^sessions: charger-1: /);
  await born();
  await node.say('DDEATH', 'battery', []);
  assert.equal(known(), false);
  await born();
  await clock.advance(61_000);
  assert.equal(known(), false, 'the cars may have changed');
  await node.dbirth(metricsOf(node, chargers.slice(0, 1)));
  assert.equal(known(), false, 'the second charger is not in the birth');
});

test("metric names contain the charger's number", () => {
  const yaml = (connected: string): string => `
gateway: { id: owd-01, substation: owd }
devices:
  - id: ev-1
    type: ev-site
    driver: sparkplug
    connection: { group: north, node: plc-1 }
    ratings: { activePowerKw: 44 }
    read:
      activePowerKw: { metric: P }
      sessionList: { chargers: 2, connected: { metric: "${connected}" }, maxKw: { metric: "EVSE {n}/Max" } }
`;
  assert.ok(parseConfig(yaml('EVSE {n}/Connected'), 'ev.yaml'));
  assert.throws(() => parseConfig(yaml('EVSE 1/Connected'), 'ev.yaml'), /sessionList\.connected\.metric must match/);
});
