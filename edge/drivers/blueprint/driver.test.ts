import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import type { SetpointKey } from '../../control/setpoint.ts';
import { FieldLines } from '../modbus/field-lines.ts';
import type { Sign } from '../sign.ts';
import { driverConformance, RATED_KW, SPANS, TIMING } from '../testing/conformance.ts';
import { MemoryLink } from '../testing/memory-link.ts';
import { TopicBus } from '../topic-bus.ts';
import { blueprint } from './protocol.ts';

const one = { scale: 1 };
const read = { activePowerKw: one, reactivePowerKvar: one, activePowerLimitKw: one, staleAfterS: 5 };
const write = { activePowerKw: { ...TIMING, revertAfterS: 60 } };

function bench(clock: VirtualClock, sign: Sign) {
  const link = new MemoryLink();
  const bus = new TopicBus(link, 'gateway');
  const lines = new FieldLines(() => ({ write: () => undefined, close: () => undefined }), clock);
  const driver = blueprint.create(
    {
      id: 'battery-1',
      driver: 'blueprint',
      topic: 'b/1',
      sign,
      ratedKw: RATED_KW,
      spans: SPANS,
      safeDefault: {},
      read,
      write,
    },
    { bus, lines, clock },
  );
  bus.open();
  return { link, driver };
}

driverConformance(
  'blueprint',
  (clock, sign) => {
    const { link, driver } = bench(clock, sign);
    return {
      driver,
      report: (metric, raw) => link.deliver(`b/1/${metric}`, String(raw)),
      commands: () =>
        link.published.map(({ topic, text }) => ({ key: topic.split('/')[2] as SetpointKey, value: Number(text) })),
    };
  },
  { tellsTime: false, impossible: ['', 'eleven', 'true', 'NaN', '1e300', '-1e9', '{"value":3}', '1'.repeat(41)] },
);

test('blueprint: a setpoint goes to its own topic and is resent a second after a failed write', async () => {
  const clock = new VirtualClock(0);
  const { link, driver } = bench(clock, 'consumption-positive');
  link.connected = false;
  await driver.hold({ activePowerKw: 12.5 }, false);
  link.connected = true;
  await driver.hold({ activePowerKw: 12.5 }, false);
  assert.deepEqual(link.published, []);
  await clock.advance(1000);
  await driver.hold({ activePowerKw: 12.5 }, false);
  assert.deepEqual(link.published, [{ topic: 'b/1/activePowerKw/set', text: '12.5', qos: 0, retain: false }]);
  assert.deepEqual([driver.counters().unsent, driver.counters().sent], [1, 1]);
});
