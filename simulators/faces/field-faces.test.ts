import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { parseConfig } from '../../edge/config/load.ts';
import type { SetpointKey } from '../../edge/control/setpoint.ts';
import { driverSpecs } from '../../edge/cycle/driver-specs.ts';
import { FieldLines } from '../../edge/drivers/modbus/field-lines.ts';
import { openFieldWire } from '../../edge/drivers/modbus/serial-wire.ts';
import type { Driver } from '../../edge/drivers/driver.ts';
import { createDriver } from '../../edge/drivers/table.ts';
import { MemoryLink } from '../../edge/drivers/testing/memory-link.ts';
import { TopicBus } from '../../edge/drivers/topic-bus.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { until } from '../../shared/testing/until.ts';
import { Plant } from '../plant/plant.ts';
import { plantStartMs } from '../plant/region-plant.ts';
import { gatewayConfig } from '../region/gateway-config.ts';
import { plantSpecs } from '../region/inputs.ts';
import { DeviceFaces } from './device-faces.ts';
import { FieldFaces } from './field-faces.ts';
import { fieldUnit } from './field-units.ts';
import { inverterFace } from './sunspec-faces.ts';

const clock = new SystemClock((error) => {
  throw error;
});

test('a gateway reads correct values over Modbus and moves each device to its setpoint', async (context) => {
  const spec = plantSpecs().find(({ id }) => id === 'wwf')!;
  const plant = new Plant(spec, { seed: 1, startMs: plantStartMs + 39_600_000 });
  const faces = new FieldFaces(plant, spec);
  const modbusPort = await faces.start(0);
  context.after(() => faces.stop());
  const step = (seconds: number): void => {
    for (let second = 0; second < seconds; second++) {
      plant.step();
      faces.show();
    }
  };
  step(30);
  const text = stringify(
    gatewayConfig('wwf', { uplinkUrl: 'mqtt://a:1', localListen: '127.0.0.1:1', journalPath: 'j', modbusPort }),
  ).replaceAll(/pollMs: \d+/g, 'pollMs: 50');
  const config = parseConfig(text, 'wwf.yaml');
  const lines = new FieldLines(openFieldWire, clock);
  const bus = new TopicBus(new MemoryLink(), 'gateway');
  const drivers = new Map<string, Driver>();
  for (const each of driverSpecs(config)) {
    if (fieldUnit(each.id) !== undefined) drivers.set(each.id, createDriver(each, { bus, lines, clock }));
  }
  lines.open();
  context.after(() => lines.close());
  assert.equal(drivers.size, 13);
  await until(
    () => JSON.stringify([...drivers].map(([id, driver]) => [id, driver.counters(), driver.read().size])),
    () => [...drivers.values()].every((driver) => driver.read().has('activePowerKw')),
  );
  const truth = plant.truth();
  const near = (id: string, real: number): void => {
    const shown = drivers.get(id)!.read().get('activePowerKw')!.value;
    assert.ok(Math.abs(shown - real) <= 0.1 * Math.abs(real) + 5, `${id}: ${shown} for ${real}`);
  };
  near('transformer', truth.transformer.activePowerKw);
  near('feeder-1', truth.feeders[0]!.activePowerKw);
  for (const { id, activePowerKw } of truth.devices) if (drivers.has(id)) near(id, activePowerKw);

  const wanted: readonly [string, SetpointKey, number][] = [
    ['battery-1', 'activePowerKw', -200],
    ['battery-1', 'reactivePowerKvar', 100],
    ['battery-2', 'activePowerKw', 150],
    ['pv-1', 'activePowerLimitKw', 90],
    ['pv-3', 'reactivePowerKvar', -70],
    ['flex-1', 'activePowerLimitKw', 111],
  ];
  for (const id of new Set(wanted.map(([device]) => device))) {
    const setpoint = Object.fromEntries(
      wanted.filter(([device]) => device === id).map(([, key, value]) => [key, value]),
    );
    await drivers.get(id)!.hold(setpoint, false);
  }
  await until(
    () => JSON.stringify([...drivers].map(([id, driver]) => [id, driver.counters()])),
    () => faces.taken >= wanted.length,
  );
  step(15);
  const after = new Map(plant.truth().devices.map((each) => [each.id, each]));
  for (const [id, key, value] of wanted) {
    const device = after.get(id)!;
    const shown = key === 'reactivePowerKvar' ? device.reactivePowerKvar : device.activePowerKw;
    const meant = id.startsWith('pv-') && key === 'activePowerLimitKw' ? -value : value;
    assert.ok(Math.abs(shown - meant) < 1, `${id} ${key}: ${shown} for ${meant}`);
  }
  const readback = (id: string, metric: 'activePowerSetpointKw' | 'activePowerLimitKw'): number =>
    drivers.get(id)!.read().get(metric)?.value ?? Number.NaN;
  await until(
    () => `${readback('battery-1', 'activePowerSetpointKw')} ${readback('pv-1', 'activePowerLimitKw')}`,
    () =>
      Math.abs(readback('battery-1', 'activePowerSetpointKw') + 200) < 0.5 &&
      Math.abs(readback('pv-1', 'activePowerLimitKw') - 90) < 0.5,
  );
});

test('readings of an inverter between the writes of one setpoint do not change the setpoint', () => {
  const spec = plantSpecs()
    .find(({ id }) => id === 'wwf')!
    .devices.find((device) => device.type === 'pv-inverter')!;
  const commanded: (number | undefined)[] = [];
  const face = inverterFace('1', spec, ({ activePowerLimitKw }) => commanded.push(activePowerLimitKw));
  const { registers } = face;
  const shown = (share: number): (number | undefined)[] => {
    face.show({ activePowerLimitKw: share * spec.ratedKw });
    return Array.from({ length: 300 }, (_, at) => registers.read(40_000 + at));
  };
  const [whole, half] = [shown(1), shown(0.5)];
  const [percent, enabled] = [10_000, 0].map((raw) =>
    whole.findIndex((word, at) => word === raw && half[at] !== word),
  ) as [number, number];
  registers.write(40_000 + percent, [2500]);
  shown(0.5);
  registers.write(40_000 + enabled, [1]);
  assert.deepEqual(commanded, [0.25 * spec.ratedKw]);
});

test('devices that stay on MQTT subscribe only to their own topics', async () => {
  const spec = plantSpecs().find(({ id }) => id === 'wwf')!;
  const plant = new Plant(spec, { seed: 1, startMs: plantStartMs + 39_600_000 });
  const link = new MemoryLink();
  const elsewhere = (device: string): boolean => fieldUnit(device) !== undefined;
  const faces = new DeviceFaces({ plant, link, clientId: 'devices', elsewhere });
  faces.start();
  for (let second = 0; second < 20; second++) {
    plant.step();
    await faces.publish();
  }
  assert.deepEqual(link.options?.subscriptions, ['tap-1/set']);
  const topics = new Set(link.published.map(({ topic }) => topic));
  assert.ok(topics.has('tap-1/state') && !topics.has('pv-1/state') && !topics.has('transformer/state'));
});
