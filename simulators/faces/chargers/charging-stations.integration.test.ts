import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { stringify } from 'yaml';
import { parseConfig } from '../../../edge/config/load.ts';
import { driverSpecs } from '../../../edge/cycle/driver-specs.ts';
import { ocppServer } from '../../../edge/drivers/ocpp/ocpp-server.ts';
import { createDriver } from '../../../edge/drivers/table.ts';
import { FieldLines } from '../../../edge/drivers/modbus/field-lines.ts';
import { openFieldWire } from '../../../edge/drivers/modbus/serial-wire.ts';
import { MemoryLink } from '../../../edge/drivers/testing/memory-link.ts';
import { TopicBus } from '../../../edge/drivers/topic-bus.ts';
import { SystemClock } from '../../../shared/time/system-clock.ts';
import { arrivalsOn, localDay } from '../../plant/ev-sessions.ts';
import { Plant } from '../../plant/plant.ts';
import { plantStartMs } from '../../plant/region-plant.ts';
import { gatewayConfig } from '../../region/gateway-config.ts';
import { plantSpecs } from '../../region/inputs.ts';
import { chargerIds, ChargingStations } from './charging-stations.ts';

const { machine } = new SystemClock((error) => {
  throw error;
});
const SEED = 1;
const DEFAULT_KW = 4.2;

test('a gateway sees and controls the cars of a site over OCPP, and cars fall back without it', async (t) => {
  const spec = plantSpecs().find(({ id }) => id === 'mnzl')!;
  const own = spec.devices.find(({ id }) => id === 'ev-1');
  assert.ok(own?.type === 'ev-site');
  const [, second, third] = arrivalsOn(own, SEED, localDay(plantStartMs) + 2);
  const startMs = Math.floor(second!.arrivalMs / 1000) * 1000 - 5000;
  assert.ok(third!.arrivalMs - startMs < 3_600_000, 'two cars arrive within the hour');
  const plant = new Plant(spec, { seed: SEED, startMs });
  const site = plant.chargingSite('ev-1')!;
  const plantTime = { ...machine, now: () => plant.timeMs, elapsed: () => plant.timeMs - startMs };
  const clock = { machine, plant: plantTime, speed: () => 1 };

  const config = parseConfig(
    stringify(
      gatewayConfig('mnzl', {
        uplinkUrl: 'mqtt://a:1',
        localListen: '127.0.0.1:1',
        journalPath: 'j',
        ocpp: { device: 'ev-1', port: 0, chargers: chargerIds(own) },
      }),
    ),
    'mnzl.yaml',
  );
  const port = Promise.withResolvers<number>();
  const lines = new FieldLines(openFieldWire, clock);
  const driver = createDriver(
    driverSpecs(config).find(({ id }) => id === 'ev-1')!,
    {
      bus: new TopicBus(new MemoryLink(), 'gateway'),
      lines,
      clock,
      openChargers: (chargers, handlers) => ocppServer(machine)(chargers, { ...handlers, onListen: port.resolve }),
    },
  );
  driver.permit?.(true);
  lines.open();
  t.after(() => lines.close());
  const endpoint = `ws://127.0.0.1:${await port.promise}`;
  const stations = new ChargingStations({ site, spec: own, endpoint, now: () => plant.timeMs, machine });
  stations.start();
  t.after(() => stations.stop());

  const read = (metric: 'activePowerKw' | 'sessions' | 'wishedKw' | 'energyDueKwh'): number =>
    driver.read().get(metric)?.value ?? Number.NaN;
  const status = (): string =>
    JSON.stringify({
      counters: driver.counters(),
      read: [...driver.read()],
      cars: site.cars(),
      kw: site.activePowerKw,
    });
  /** Steps the plant until `holds`, with the gateway holding `limitKw`; undefined: no limit is sent. */
  const until = async (what: string, limitKw: number | undefined, holds: () => boolean): Promise<void> => {
    for (let steps = 0; !holds(); steps++) {
      if (steps > 2500) assert.fail(`never: ${what}; ${status()}`);
      plant.step();
      stations.show();
      if (limitKw !== undefined) await driver.hold({ activePowerLimitKw: limitKw }, false);
      await wait(2);
    }
  };
  const near = (value: number, target: number): boolean => Math.abs(value - target) < 0.1;
  const cars = (): number => site.cars().length;

  await until('two cars charge by default', undefined, () => cars() === 2 && near(site.activePowerKw, 2 * DEFAULT_KW));
  await until('they are seen', undefined, () => read('sessions') === 2 && near(read('activePowerKw'), 2 * DEFAULT_KW));
  const missing = site.cars().reduce((sum, { missingKwh }) => sum + missingKwh, 0);
  assert.ok(Math.abs(read('energyDueKwh') - missing) < 0.5, status());
  assert.ok(read('wishedKw') > 40, 'they would draw more');
  await until('they share the limit of the site', 30, () => near(site.activePowerKw, 30));
  await until('they make room', 12, () => near(site.activePowerKw, 12) && near(read('activePowerKw'), 12));
  await until('one pauses when the limit is too small for two', 6, () => near(site.activePowerKw, 6));
  await until('without a gateway they use their default', undefined, () => near(site.activePowerKw, 2 * DEFAULT_KW));
});
