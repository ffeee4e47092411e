import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { stringify } from 'yaml';
import type { GatewayConfig } from '../../edge/config/schema.ts';
import { parseConfig } from '../../edge/config/load.ts';
import { parsePath, valueAt } from '../../edge/drivers/mqtt/json-path.ts';
import { turn } from '../../edge/drivers/sign.ts';
import { MemoryLink } from '../../edge/drivers/testing/memory-link.ts';
import type { Metric } from '../../shared/contracts/frame.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { Plant } from '../plant/plant.ts';
import { plantStartMs } from '../plant/region-plant.ts';
import type { PlantSpec } from '../plant/spec.ts';
import { gatewayConfig } from '../region/gateway-config.ts';
import { plantSpecs } from '../region/inputs.ts';
import { DeviceFaces } from './device-faces.ts';

let spec: PlantSpec;
before(() => {
  spec = plantSpecs().find(({ id }) => id === 'owd')!;
});
const newPlant = (): Plant => new Plant(spec, { seed: 1, startMs: plantStartMs + 39_600_000 });
const config = parseConfig(
  stringify(gatewayConfig('owd', { uplinkUrl: 'mqtt://a:1', localListen: '127.0.0.1:1', journalPath: 'j' })),
  'owd.yaml',
);

test('a gateway reads correct values, units and signs with its generated configuration', async () => {
  const plant = newPlant();
  const link = new MemoryLink();
  const faces = new DeviceFaces({ plant, link, clientId: 'devices' });
  faces.start();
  const last = new Map<string, unknown>();
  const history = new Map<number, ReturnType<Plant['truth']>>();
  for (let second = 0; second < 30; second++) {
    plant.step();
    history.set(plant.timeMs, plant.truth());
    await faces.publish();
  }
  for (const { topic, text } of link.published) last.set(topic, JSON.parse(text));
  const truthOf = (id: string) => history.get((last.get(`${id}/state`) as { t: number }).t)!;
  const read = (
    device: GatewayConfig['devices'][number] | GatewayConfig['guarded'][number]['meter'],
    metric: Metric,
  ) => {
    assert.ok(device.driver === 'mqtt');
    const signal = (device.read as unknown as Record<string, { topic: string; path: string; scale: number }>)[metric]!;
    const raw = valueAt(last.get(signal.topic), parsePath(signal.path));
    return turn(device.sign, metric, (raw as number) * signal.scale);
  };
  const near = (shown: number, real: number, what: string): void =>
    assert.ok(Math.abs(shown - real) <= 0.02 * Math.abs(real) + 0.5, `${what}: ${shown} for ${real}`);
  for (const guarded of config.guarded) {
    const truth = truthOf(guarded.id);
    const real =
      guarded.id === 'transformer'
        ? truth.transformer
        : truth.feeders.find(({ id }) => id === guarded.id.replace('feeder', 'owd'))!;
    near(read(guarded.meter, 'activePowerKw'), real.activePowerKw, guarded.id);
    near(read(guarded.meter, 'voltagePu'), real.voltagePu, guarded.id);
  }
  for (const device of config.devices.filter(({ id }) => /^(pv|battery|ev|flex)-/.test(id))) {
    const real = truthOf(device.id).devices.find(({ id }) => id === device.id)!;
    near(read(device, 'activePowerKw'), real.activePowerKw, device.id);
  }
  assert.deepEqual(faces.counters(), { published: link.published.length, dropped: 0, taken: 0, refused: 0 });
});

test('a gateway moves each device to its setpoint with its generated configuration', async () => {
  const plant = newPlant();
  const link = new MemoryLink();
  const faces = new DeviceFaces({ plant, link, clientId: 'devices' });
  faces.start();
  const wanted: readonly [string, 'activePowerKw' | 'reactivePowerKvar' | 'activePowerLimitKw', number][] = [
    ['battery-1', 'activePowerKw', -200],
    ['battery-1', 'reactivePowerKvar', 100],
    ['battery-2', 'activePowerKw', 150],
    ['battery-3', 'activePowerKw', -120],
    ['pv-1', 'activePowerLimitKw', 90],
    ['pv-3', 'activePowerLimitKw', 80],
    ['pv-3', 'reactivePowerKvar', -70],
    ['flex-1', 'activePowerLimitKw', 111],
  ];
  for (const [id, key, value] of wanted) {
    const device = config.devices.find((each) => each.id === id)!;
    assert.ok(device.driver === 'mqtt');
    const { topic, template, scale, revertAfterS } = device.write![key]!;
    const text = template
      .replaceAll('${value}', String(turn(device.sign, key, value) * scale))
      .replaceAll('${revertAfterS}', String(revertAfterS));
    await link.deliver(topic, text);
  }
  for (let second = 0; second < 10; second++) plant.step();
  const real = new Map(plant.truth().devices.map((each) => [each.id, each]));
  for (const [id, key, value] of wanted) {
    const shown = key === 'reactivePowerKvar' ? real.get(id)!.reactivePowerKvar : real.get(id)!.activePowerKw;
    assert.ok(
      Math.abs(shown - (id.startsWith('pv-') && key === 'activePowerLimitKw' ? -value : value)) < 1e-6,
      `${id} ${key}: ${shown}`,
    );
  }
  assert.equal(faces.counters().taken, wanted.length);
});

test('an invalid command is refused and moves nothing', async () => {
  const plant = newPlant();
  const link = new MemoryLink();
  const refused: string[] = [];
  const faces = new DeviceFaces({ plant, link, clientId: 'devices', onRefused: ({ detail }) => refused.push(detail) });
  faces.start();
  const cases: readonly [string, string, RegExp][] = [
    ['battery-1/set', 'charge!', /JSON object/],
    ['battery-1/set', '[1]', /JSON object/],
    ['battery-1/set', '{"set_p_w":"9"}', /must be a finite number/],
    ['battery-1/set', '{"set_p_w":1e999}', /must be a finite number/],
    ['battery-1/set', '{"set_p_kw":5}', /does not support "set_p_kw"/],
    ['pv-1/set', '{"limit_w":-5}', /magnitude/],
    ['boiler-1/set', '{"limit_kw":5}', /no device "boiler-1"/],
    ['battery-1/set', `{"set_p_w":1,"x":"${'x'.repeat(5000)}"}`, /JSON object/],
  ];
  for (const [topic, text] of cases) await link.deliver(topic, text);
  assert.equal(refused.length, cases.length);
  for (const [at, [, , why]] of cases.entries()) assert.match(refused[at]!, why);
  for (let second = 0; second < 5; second++) plant.step();
  assert.equal(plant.truth().devices.find(({ id }) => id === 'battery-1')!.activePowerKw, 0);
  link.connected = false;
  plant.step();
  await faces.publish();
  assert.ok(faces.counters().dropped >= 3, 'readings without a broker are dropped and counted');
});

test('an access network delays and drops commands and readings, except those of wired meters', async () => {
  const plant = newPlant();
  const link = new MemoryLink();
  const access = { random: new SeededRandom(9, 'access'), medianS: 2, lossShare: 0.02 };
  const faces = new DeviceFaces({ plant, link, clientId: 'devices', access });
  faces.start();
  await link.deliver('battery-1/set', '{"set_p_w":200000}');
  const powers: number[] = [];
  for (let second = 0; second < 20; second++) {
    plant.step();
    await faces.publish();
    powers.push(plant.truth().devices.find(({ id }) => id === 'battery-1')!.activePowerKw);
  }
  assert.equal(powers[0], 0);
  assert.equal(powers.at(-1), -200);
  const times = (topic: string) => link.published.filter((each) => each.topic === topic).length;
  assert.ok(times('transformer/state') >= 19 && times('battery-2/state') >= 2);
});
