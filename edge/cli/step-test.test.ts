import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../config/load.ts';
import type { DeviceStatus, GatewayStatus, LocalAnswer, LocalRequest } from '../local/protocol.ts';
import { runStep, smallStep } from './step-test.ts';

const [battery, pv] = parseConfig(
  `
gateway: { id: owd-01, substation: owd }
guarded:
  - id: transformer
    meter: { driver: mqtt, read: { activePowerKw: { topic: t } } }
devices:
  - id: battery-1
    type: battery
    driver: mqtt
    ratings: { chargeKw: 100, dischargeKw: 100, capacityKwh: 200 }
    write: { activePowerKw: { topic: b } }
  - id: pv-1
    type: pv-inverter
    driver: mqtt
    ratings: { activePowerKw: 250 }
    write: { activePowerLimitKw: { topic: p } }
`,
  'gateway.yaml',
).devices;

/** A gateway whose device follows after `delay` looks, seen by its meter `sign` times. */
function gateway({ mode = 'automatic', delay = 2, sign = 1, from = 0 } = {}) {
  const asked: LocalRequest[] = [];
  let power = from;
  let target: number | undefined;
  let looks = 0;
  const status = (): GatewayStatus =>
    ({
      mode,
      elements: [{ device: 'transformer', activePowerKw: 100 + sign * (power - from) } as DeviceStatus],
      devices: ['battery-1', 'pv-1'].map((device) => ({ device, activePowerKw: power }) as DeviceStatus),
    }) as unknown as GatewayStatus;
  const ask = async (request: LocalRequest): Promise<LocalAnswer> => {
    asked.push(request);
    if (request.op === 'status') {
      if (target !== undefined && ++looks > delay) power = target;
      return { ok: true, status: status() };
    }
    if (request.op === 'manual') {
      const { activePowerKw, activePowerLimitKw } = request.setpoint ?? {};
      target = request.on ? (activePowerKw ?? -activePowerLimitKw!) : undefined;
    }
    return { ok: true, text: '' };
  };
  const ends = (): unknown => asked.filter(({ op }) => op === 'manual').map((request) => 'on' in request && request.on);
  return { ports: { ask, wait: async () => undefined }, ends, status };
}

test('a test moves the device, sees it at the meter after its delay, and withdraws the setpoint', async () => {
  const { ports, ends } = gateway();
  const verdict = await runStep(ports, { device: battery!, setpoint: { activePowerKw: -20 }, forS: 10 });
  assert.deepEqual([verdict.proven, ends()], [true, [true, false]], verdict.text);
  assert.match(verdict.text, /to -20\.0 kW in 3 s, and the meter went from 100\.0 kW to 80\.0 kW/);
});

test('an inconclusive test withdraws the setpoint too; in monitor nothing is sent', async () => {
  const turned = gateway({ sign: -1 });
  const verdict = await runStep(turned.ports, { device: battery!, setpoint: { activePowerKw: -20 }, forS: 5 });
  assert.deepEqual([verdict.proven, turned.ends()], [false, [true, false]]);
  const late = gateway({ delay: 99 });
  assert.match(
    (await runStep(late.ports, { device: battery!, setpoint: { activePowerKw: -20 }, forS: 5 })).text,
    /did not move/,
  );
  const watching = gateway({ mode: 'monitor' });
  const refused = await runStep(watching.ports, { device: battery!, setpoint: { activePowerKw: -20 }, forS: 5 });
  assert.deepEqual([refused.proven, watching.ends()], [false, []]);
  assert.match(refused.text, /edge mode manual/);
});

test("the step is small: within a battery's ratings, below a plant's feed-in, or none", async () => {
  assert.deepEqual(smallStep(battery!, gateway().status()), { activePowerKw: 10 });
  assert.deepEqual(smallStep(battery!, gateway({ from: 95 }).status()), { activePowerKw: 85 });
  assert.deepEqual(smallStep(pv!, gateway({ from: -100 }).status()), { activePowerLimitKw: 80 });
  const idle = smallStep(pv!, gateway({ from: -1 }).status());
  assert.ok(typeof idle === 'string' && idle.includes('too little power now'));
  const { ports } = gateway({ from: -100 });
  const verdict = await runStep(ports, { device: pv!, setpoint: { activePowerLimitKw: 80 }, forS: 5 });
  assert.equal(verdict.proven, true, verdict.text);
});
