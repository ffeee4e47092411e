import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { commandDocument, planDocument, settingsDocument } from './cycle/testing/documents.ts';
import type { DevicePlan } from '../shared/contracts/plan.ts';
import { parsePersisted } from './cycle/persisted.ts';
import { makeRig, START } from './cycle/testing/rig.ts';

const wild = fc.oneof(
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  fc.constantFrom(0, -0, 1e308, -1e308, 5e-324, 99.99, -100.01),
);
const magnitude = wild.map((value) => Math.abs(value));
const four = <T>(each: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(each, { minLength: 4, maxLength: 4 });

const devicePlan = fc.record({
  device: fc.constantFrom('battery-1', 'pv-1', 'ev-1', 'nobody'),
  activePowerKw: four(fc.option(wild)),
  activePowerLimitKw: four(fc.option(magnitude)),
  reactivePowerKvar: four(fc.option(wild)),
  envelope: four(fc.record({ minKw: wild, maxKw: wild })),
  reasons: fc.constant<DevicePlan['reasons']>([]),
});

const point = fc.record({
  id: fc.constantFrom('cp-1', 'cp-2', 'cp-3', 'cp-none'),
  devices: fc.subarray(['battery-1', 'pv-1', 'ev-1', 'nobody']),
  envelope: four(fc.record({ minKw: wild, maxKw: wild })),
  meter: four(fc.record({ minKw: wild, maxKw: wild })),
});

const watched = fc.record({
  id: fc.constant('any'),
  element: fc.constantFrom('owd-t1', 'owd-1', 'battery-1', 'pv-1'),
  quantity: fc.constantFrom(
    'activePowerKw' as const,
    'apparentPowerKva' as const,
    'voltagePu' as const,
    'currentA' as const,
  ),
  min: wild,
  max: wild,
  perKw: fc.dictionary(fc.constantFrom('battery-1', 'pv-1', 'ev-1'), wild),
  perKvar: fc.dictionary(fc.constantFrom('battery-1', 'pv-1'), wild),
});

const action = fc.oneof(
  fc.record({
    kind: fc.constant('plan' as const),
    devices: fc.array(devicePlan, { maxLength: 4 }),
    watched: fc.array(watched, { maxLength: 3 }),
    connectionPoints: fc.array(point, { maxLength: 3 }),
    envelope: four(fc.record({ minKw: wild, maxKw: wild })),
  }),
  fc.record({
    kind: fc.constant('override' as const),
    device: fc.constantFrom('battery-1', 'pv-1', 'ev-1'),
    setpoint: fc.record({ activePowerKw: wild, activePowerLimitKw: magnitude }, { requiredKeys: [] }),
  }),
  fc.record({ kind: fc.constant('limit' as const), importKw: magnitude, exportKw: magnitude }),
  fc.record({
    kind: fc.constant('meter' as const),
    topic: fc.constantFrom('t/p', 't/q', 't/v', 'f/p', 'b/p', 'b/soc', 'pv/p', 'pv/v', 'ev/p', 'b/set-read'),
    text: fc.oneof(wild.map(String), fc.constantFrom('NaN', '"12"', 'null', '{}', '1e999', '')),
  }),
  fc.record({ kind: fc.constant('silence' as const), topic: fc.constantFrom('t/p', 'f/p', 'b/p', 'b/soc', 'pv/p') }),
);

/** Allowed values of each topic, whatever is requested. */
const SPANS: Readonly<Record<string, readonly [number, number]>> = {
  'b/set': [-100, 100],
  'pv/set': [0, 250],
  'ev/set': [17, 88],
};

test('property: whatever the inputs, every setpoint is a number within rating and floor', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 25 }), async (actions) => {
      const rig = await makeRig();
      await rig.run(2);
      for (const [index, each] of actions.entries()) {
        const sequence = index + 1;
        const now = rig.clock.plant.now();
        if (each.kind === 'plan') {
          const body = {
            id: `plan-${sequence}`,
            devices: each.devices,
            watched: each.watched,
            connectionPoints: each.connectionPoints,
            envelope: each.envelope,
          };
          rig.uplink.down({ kind: 'document', document: planDocument(now, body, { sequence }) });
        } else if (each.kind === 'override') {
          const body = { device: each.device, setpoint: each.setpoint };
          rig.uplink.down({ kind: 'document', document: commandDocument(now, body, sequence) });
        } else if (each.kind === 'limit') {
          const gridLimit = { importKw: each.importKw, exportKw: each.exportKw };
          rig.uplink.down({ kind: 'document', document: settingsDocument(now, { gridLimit }, sequence) });
        } else if (each.kind === 'meter') await rig.link.deliver(each.topic, each.text);
        else rig.world[each.topic] = null;
        await rig.run(1 + (index % 4));
      }
      for (const { topic, text } of rig.link.published) {
        const [low, high] = SPANS[topic]!;
        const value = Number(text);
        assert.ok(Number.isFinite(value) && value >= low && value <= high, `${topic} got ${text}`);
      }
      assert.ok(rig.clock.plant.now() >= START);
      const { json } = rig.uplink.of('state').at(-1)!;
      const read = parsePersisted(json);
      assert.ok(read.ok && read.value.left === null, 'the control state can be read back after a restart');
    }),
    { numRuns: 150 },
  );
});
