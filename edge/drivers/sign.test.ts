import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import type { MqttWrite } from './mqtt/schema.ts';
import { MqttDriver } from './mqtt/mqtt-driver.ts';
import { turn, type Sign } from './sign.ts';
import { MemoryLink } from './testing/memory-link.ts';
import { voltageWith } from './testing/one-section.ts';
import { TopicBus } from './topic-bus.ts';

/** Commands an inverter of either sign convention and lets it act: the meaning of a positive number is up to its manufacturer. */
async function closeLoop(sign: Sign, setpoint: { activePowerKw: number; reactivePowerKvar: number }) {
  const link = new MemoryLink();
  const bus = new TopicBus(link, 'gateway');
  const write = (template: string): MqttWrite => ({
    topic: 'inverter/set',
    template,
    scale: 1,
    keepAliveS: 10,
    revertAfterS: 60,
    minIntervalS: 0,
    deadbandPct: 0,
  });
  const driver = new MqttDriver({
    id: 'inverter',
    sign,
    ratedKw: 1000,
    spans: {},
    bus,
    clock: new VirtualClock(0),
    read: {
      activePowerKw: { topic: 'inverter/state', path: '$.p', scale: 1 },
      reactivePowerKvar: { topic: 'inverter/state', path: '$.q', scale: 1 },
      staleAfterS: 5,
    },
    write: { activePowerKw: write('{"p":${value}}'), reactivePowerKvar: write('{"q":${value}}') },
  });
  bus.open();
  await driver.hold(setpoint, false);
  const wire = Object.assign({}, ...link.published.map(({ text }) => JSON.parse(text) as object)) as {
    p: number;
    q: number;
  };
  const generation = sign === 'generation-positive' ? -1 : 1;
  await link.deliver('inverter/state', JSON.stringify(wire));
  const read = driver.read();
  return {
    volts: voltageWith(generation * wire.p, generation * wire.q),
    read: [read.get('activePowerKw')?.value, read.get('reactivePowerKvar')?.value],
  };
}

test('in both sign conventions consumption lowers and feed-in raises the voltage, and readbacks match', async () => {
  for (const sign of ['consumption-positive', 'generation-positive'] as const) {
    const absorbed = await closeLoop(sign, { activePowerKw: 0, reactivePowerKvar: 500 });
    const lifted = await closeLoop(sign, { activePowerKw: 0, reactivePowerKvar: -500 });
    const consumed = await closeLoop(sign, { activePowerKw: 800, reactivePowerKvar: 0 });
    const fedIn = await closeLoop(sign, { activePowerKw: -800, reactivePowerKvar: 0 });
    assert.ok(absorbed.volts < 0.99 && lifted.volts > 1.01, `${sign}: reactive ${absorbed.volts}, ${lifted.volts}`);
    assert.ok(consumed.volts < 0.98 && fedIn.volts > 1.02, `${sign}: active ${consumed.volts}, ${fedIn.volts}`);
    assert.deepEqual(
      [absorbed.read, fedIn.read],
      [
        [0, 500],
        [-800, 0],
      ],
    );
  }
});

test('limits, voltages and charge are magnitudes and never change sign', () => {
  for (const key of ['activePowerLimitKw', 'voltagePu', 'socPct', 'availableKw'] as const) {
    assert.equal(turn('generation-positive', key, 5), 5);
  }
  assert.ok(Object.is(turn('generation-positive', 'activePowerKw', 0), 0), 'no negative zero');
});
