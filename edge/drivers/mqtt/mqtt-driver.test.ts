import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { MqttDriver } from './mqtt-driver.ts';
import { driverConformance, RATED_KW, SPANS, TIMING } from '../testing/conformance.ts';
import { MemoryLink } from '../testing/memory-link.ts';
import { TopicBus } from '../topic-bus.ts';

const signal = (path: string, scale = 1) => ({ topic: 'bms/1/state', path, scale });

function mqttBench(clock: VirtualClock, sign: 'consumption-positive' | 'generation-positive') {
  const link = new MemoryLink();
  const bus = new TopicBus(link, 'gateway');
  const driver = new MqttDriver({
    id: 'battery-1',
    sign,
    ratedKw: RATED_KW,
    spans: SPANS,
    bus,
    clock,
    read: {
      activePowerKw: signal('$.power_w', 0.001),
      reactivePowerKvar: signal('$.q'),
      activePowerLimitKw: signal('$.limit'),
      timePath: '$.time',
      staleAfterS: 5,
    },
    write: {
      activePowerKw: {
        topic: 'bms/1/set',
        template: '{"p_w":${value},"s":${revertAfterS}}',
        scale: 1000,
        revertAfterS: 60,
        ...TIMING,
      },
    },
  });
  bus.open();
  return { link, bus, driver };
}

driverConformance('mqtt', (clock, sign) => {
  const { link, driver } = mqttBench(clock, sign);
  const fields: Record<string, string> = {
    activePowerKw: 'power_w',
    reactivePowerKvar: 'q',
    activePowerLimitKw: 'limit',
  };
  return {
    driver,
    report: (metric, raw, time) => {
      const value = metric === 'activePowerKw' && typeof raw === 'number' ? raw * 1000 : raw;
      return link.deliver('bms/1/state', JSON.stringify({ time, [fields[metric]!]: value }));
    },
    commands: () =>
      link.published.map(({ text }) => ({
        key: 'activePowerKw' as const,
        value: (JSON.parse(text) as { p_w: number }).p_w / 1000,
      })),
  };
});

test('mqtt: a setpoint has its revert time, is never retained, and is resent after a failed write', async () => {
  const { link, driver } = mqttBench(new VirtualClock(0), 'consumption-positive');
  await driver.hold({ activePowerKw: 12.5 }, false);
  assert.deepEqual(link.published, [{ topic: 'bms/1/set', text: '{"p_w":12500,"s":60}', qos: 0, retain: false }]);
  const clock = new VirtualClock(0);
  const other = mqttBench(clock, 'consumption-positive');
  other.link.connected = false;
  await other.driver.hold({ activePowerKw: 1 }, false);
  await other.driver.hold({ activePowerKw: 1 }, true);
  other.link.connected = true;
  await clock.advance(1000);
  await other.driver.hold({ activePowerKw: 1 }, false);
  assert.deepEqual([other.driver.counters().unsent, other.driver.counters().sent], [1, 1]);
});

test('mqtt: payloads that are not JSON, too large or malformed are refused and counted', async () => {
  const { link, driver } = mqttBench(new VirtualClock(0), 'consumption-positive');
  for (const text of ['{"power_w": NaN}', 'not json', `"${'x'.repeat(70_000)}"`])
    await link.deliver('bms/1/state', text);
  await link.deliver('bms/1/state', '{"__proto__": {"power_w": 5}}');
  await link.deliver('bms/1/state', '[]');
  assert.deepEqual([driver.read().size, driver.counters().refused], [0, 3]);
});

test('mqtt: a value that is NaN is refused and hides no other of its message', async () => {
  const { link, driver } = mqttBench(new VirtualClock(0), 'consumption-positive');
  await link.deliver('bms/1/state', '{"note": "a \\" NaN", "power_w": NaN, "q": 5, "limit": -Infinity}');
  assert.deepEqual([driver.read().get('reactivePowerKvar')?.value, driver.read().size], [5, 1]);
  assert.deepEqual(
    [driver.counters().refused, driver.counters().lastRefusal],
    [2, 'activePowerLimitKw is string, not a number'],
  );
});

test('mqtt: an implausible source time is replaced by the receipt time and marked', async () => {
  const clock = new VirtualClock(1e12);
  const { link, driver } = mqttBench(clock, 'consumption-positive');
  await link.deliver('bms/1/state', '{"power_w": 1000, "time": 5}');
  const sample = driver.read().get('activePowerKw');
  assert.deepEqual([sample?.time, sample?.quality], [1e12, 'uncertain']);
});

test('mqtt: sessions have configurable names and units; an invalid list is refused, an old one dropped', async () => {
  const link = new MemoryLink();
  const bus = new TopicBus(link, 'gateway');
  const clock = new VirtualClock(0);
  const sessionList = {
    topic: 'ev/state',
    path: '$.cars',
    id: 'at',
    energyDueKwh: 'due',
    departure: 'leaves',
    maxKw: 'max_w',
    minKw: 'min_w',
    uninterrupted: 'steady',
    charging: 'on',
    powerScale: 0.001,
  };
  const common = {
    id: 'ev-1',
    sign: 'consumption-positive',
    ratedKw: RATED_KW,
    spans: SPANS,
    write: undefined,
  } as const;
  const driver = new MqttDriver({ ...common, bus, clock, read: { sessionList, staleAfterS: 5 } });
  bus.open();
  assert.equal(driver.sessions(), undefined);
  const says = (cars: unknown): Promise<void> => link.deliver('ev/state', JSON.stringify({ cars }));
  await says([
    { at: 3, due: 12.5, leaves: 3_600_000, max_w: 11_000, min_w: 4200, steady: true, on: 0 },
    { at: 'b', max_w: 22_000, steady: null },
  ]);
  const taken = [
    {
      id: '3',
      energyDueKwh: 12.5,
      departure: 3_600_000,
      maxKw: 11,
      minKw: 4.2,
      uninterrupted: true,
      charging: false,
    },
    { id: 'b', maxKw: 22, minKw: 0 },
  ];
  assert.deepEqual(driver.sessions(), taken);
  const leaves = { at: 1, max_w: 1, leaves: 'soon' };
  for (const wrong of ['none', [{ at: 1, max_w: -1 }], [{ max_w: 1 }], [leaves], [{ at: 1, max_w: 1, on: 'yes' }]])
    await says(wrong);
  assert.deepEqual(driver.sessions(), taken);
  assert.equal(driver.counters().refused, 5);
  assert.match(driver.counters().lastRefusal!, /^sessions: entry 0: /);
  await clock.advance(6000);
  assert.equal(driver.sessions(), undefined);
});

test('mqtt: a device whose clock was set back is read again once its earlier values are stale', async () => {
  const clock = new VirtualClock(1e12);
  const { link, driver } = mqttBench(clock, 'consumption-positive');
  const says = (watts: number, time: number): Promise<void> =>
    link.deliver('bms/1/state', JSON.stringify({ power_w: watts, time }));
  await says(1000, clock.plant.now());
  for (let at = 0; at < 3; at++) {
    await clock.advance(2000);
    await says(2000, clock.plant.now() - 1_200_000);
  }
  assert.deepEqual([driver.read().get('activePowerKw')?.value, driver.counters().refused], [2, 2]);
});
