import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../../shared/ports/random.ts';
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

/** A gateway whose device follows after `delay` looks; its meter sees `sign` times the device. */
function gateway({
  delay = 2,
  sign = 1,
  from = 0,
  finding = undefined as 'dead' | 'reversed' | undefined,
  own = (_look: number): Partial<DeviceStatus> => ({}),
} = {}) {
  const asked: LocalRequest[] = [];
  const targets = [from];
  let waited = 0;
  const status = (): GatewayStatus => {
    const power = targets.at(-1 - delay) ?? from;
    return {
      elements: [
        { device: 'transformer', activePowerKw: 100 + sign * (power - from), finding } as unknown as DeviceStatus,
      ],
      devices: ['battery-1', 'pv-1'].map(
        (device) => ({ device, activePowerKw: power, ...own(targets.length) }) as DeviceStatus,
      ),
    } as unknown as GatewayStatus;
  };
  const ask = async (request: LocalRequest): Promise<LocalAnswer> => {
    asked.push(request);
    if (request.op === 'manual' && request.on) {
      const { activePowerKw, activePowerLimitKw } = request.setpoint ?? {};
      const isWithin = (activePowerLimitKw ?? 0) <= 250 && Math.abs(activePowerKw ?? 0) <= 100;
      if (!isWithin) return { ok: false, code: 'LS-API-001', text: 'outside the ratings' };
      targets[targets.length - 1] = activePowerKw ?? -activePowerLimitKw!;
    }
    return request.op === 'status' ? { ok: true, status: status() } : { ok: true, text: '' };
  };
  const wait = async (ms: number): Promise<void> => {
    waited += ms;
    targets.push(targets.at(-1)!);
  };
  const ends = (): boolean[] => asked.flatMap((request) => (request.op === 'manual' ? [request.on] : []));
  return { ports: { ask, wait, random: new SeededRandom(1) }, ends, status, waited: () => waited };
}

test('a step test switches the device several times, sees it at the meter and withdraws the setpoint', async () => {
  const { ports, ends, waited } = gateway();
  const verdict = await runStep(ports, { device: battery!, setpoint: { activePowerKw: -20 }, forS: 300 });
  assert.ok(verdict.proven, verdict.text);
  assert.deepEqual([ends().length >= 6, ends().at(-1), ends().indexOf(false)], [true, false, ends().length - 1]);
  assert.match(verdict.text, /changes by -20\.0 kW within \d s of each step, and its meter sees -20\.0 kW/);
  assert.ok(waited() <= 300_000);
});

test('an inconclusive step test withdraws the setpoint too; in monitor it sends nothing', async () => {
  const step = { device: battery!, setpoint: { activePowerKw: -20 }, forS: 120 };
  const turned = gateway({ sign: -1 });
  const verdict = await runStep(turned.ports, step);
  assert.deepEqual([verdict.proven, turned.ends().at(-1)], [false, false]);
  assert.match(verdict.text, /counts the wrong way/);
  assert.match((await runStep(gateway({ delay: 999 }).ports, step)).text, /did not move/);
  assert.match((await runStep(gateway().ports, { ...step, forS: 10 })).text, /give --for \d+s or longer/);
  const watching = gateway({ own: () => ({ bar: 'monitor' }) });
  const refused = await runStep(watching.ports, step);
  assert.deepEqual([refused.proven, watching.ends()], [false, []]);
  assert.match(refused.text, /edge mode manual/);
});

test('a barred or manually held device is not tested; a bar during the test withdraws the setpoint', async () => {
  const step = { device: battery!, setpoint: { activePowerKw: -20 }, forS: 120 };
  for (const [own, says] of [
    [{ bar: 'tagged' }, /it is tagged; the person who set the tag must remove it first/],
    [{ bar: 'stopped' }, /it is stopped/],
    [{ bar: 'no-authority' }, /its customer allows no command/],
    [{ bar: 'monitor' }, /its feeder is in monitor/],
    [{ source: 'override', reason: 'override by anna: heat' }, /a person holds it \(override by anna: heat\)/],
    [{ source: 'local-manual', reason: 'local manual: meter swap' }, /a person holds it/],
  ] as const) {
    const { ports, ends } = gateway({ own: () => own });
    const { proven, text } = await runStep(ports, step);
    assert.deepEqual([proven, ends()], [false, []], JSON.stringify(own));
    assert.match(text, says);
  }
  const left = { source: 'local-manual', reason: 'local manual: test of sign and scale' };
  assert.equal(
    (await runStep(gateway({ own: () => left }).ports, step)).proven,
    true,
    'left over from an interrupted test',
  );
  const during = gateway({ own: (look) => (look > 60 ? { bar: 'tagged' } : {}) });
  const { proven, text } = await runStep(during.ports, step);
  assert.match(`${proven} ${text}`, /^false it is tagged/);
  assert.deepEqual([during.ends()[0], during.ends().at(-1)], [true, false], 'its setpoint is withdrawn');
});

test("the step of a check stays within a battery's ratings and below a plant's feed-in, or there is none", async () => {
  assert.deepEqual(smallStep(battery!, gateway().status()), { activePowerKw: 10 });
  assert.deepEqual(smallStep(battery!, gateway({ from: 95 }).status()), { activePowerKw: 85 });
  assert.deepEqual(smallStep(pv!, gateway({ from: -100 }).status()), { activePowerLimitKw: 80 });
  const idle = smallStep(pv!, gateway({ from: -1 }).status());
  assert.ok(typeof idle === 'string' && idle.includes('its power is too low now'));
  const { ports } = gateway({ from: -100 });
  const verdict = await runStep(ports, { device: pv!, setpoint: { activePowerLimitKw: 80 }, forS: 120 });
  assert.equal(verdict.proven, true, verdict.text);
});

test('a meter that the gateway inverts or replaces proves nothing', async () => {
  const step = { device: battery!, setpoint: { activePowerKw: -20 }, forS: 120 };
  for (const [finding, says] of [
    ['reversed', /was found to count the wrong way, and the gateway inverts it; correct its "sign" first/],
    ['dead', /was found to read zero while load flows/],
  ] as const) {
    const { ports, ends } = gateway({ finding });
    const { proven, text } = await runStep(ports, step);
    assert.deepEqual([proven, ends()], [false, []]);
    assert.match(text, says);
  }
});

test('a device whose meter reads slightly above its rating can be tested', async () => {
  const sun = await runStep(gateway({ from: -251 }).ports, {
    device: pv!,
    setpoint: { activePowerLimitKw: 200 },
    forS: 120,
  });
  assert.ok(sun.proven, sun.text);
  const store = await runStep(gateway({ from: -100.4 }).ports, {
    device: battery!,
    setpoint: { activePowerKw: -60 },
    forS: 120,
  });
  assert.ok(store.proven, store.text);
});
