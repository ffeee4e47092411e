import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bites } from './bites.ts';
import { planDocument } from './testing/documents.ts';
import { makeRig, RIG_YAML, START } from './testing/rig.ts';

const plant = { type: 'pv-inverter', lever: 'export-limit', rating: { minKw: -250, maxKw: 0 } } as const;
const chargers = { type: 'ev-site', lever: 'import-limit', rating: { minKw: 0, maxKw: 88 } } as const;

test('a limit counts as limiting only if the device would exceed it, by its report, its power or the sun', () => {
  const rows: [
    what: typeof plant | typeof chargers,
    limitKw: number,
    seen: { free?: number; kw?: number; sun?: number },
    taken: boolean,
  ][] = [
    [plant, -100, { free: -60, kw: -60 }, false],
    [plant, -100, { free: -120, kw: -99 }, true],
    [plant, 0, { free: 0, kw: 0, sun: 0.8 }, false],
    // The device's own report outranks the estimate.
    [plant, -100, { free: -120, kw: -20, sun: 0 }, true],
    [plant, -100, { kw: -60, sun: 0.8 }, false],
    [plant, -100, { kw: -99.5, sun: 0.8 }, true],
    [plant, -100, { kw: -180, sun: 0.8 }, true],
    [plant, -100, { kw: -99.5, sun: 0.3 }, false],
    [plant, 0, { kw: 0, sun: 0 }, false],
    [plant, 0, { kw: 0, sun: 0.01 }, true],
    // The location is unknown.
    [plant, 0, { kw: 0 }, true],
    [plant, 0, {}, true],
    [chargers, 40, { kw: 12, sun: 0 }, false],
    [chargers, 17, { kw: 16.8, sun: 0 }, true],
    [chargers, 17, { free: 10, kw: 10 }, false],
  ];
  for (const [what, limitKw, { free, kw, sun }, taken] of rows) {
    const device = { activePowerKw: kw ?? null, freeKw: free ?? null };
    const result = bites(what, limitKw, { wish: { free: true, kw: null }, device, sun: sun ?? null });
    assert.equal(result, taken, `${what.type} at ${limitKw} kW: ${JSON.stringify({ free, kw, sun })}`);
    const wish = { free: false, kw: limitKw + 1 };
    assert.ok(bites(what, limitKw, { wish, device, sun: sun ?? null }), 'a target beyond the limit');
  }
});

test('a limit does not count as limiting within the rounding of plan setpoints', () => {
  const rest = { device: undefined, sun: null };
  assert.ok(!bites(plant, -70.58, { wish: { free: false, kw: -70.6 }, ...rest }));
  assert.ok(bites(plant, -70.5, { wish: { free: false, kw: -70.6 }, ...rest }));
});

test('an inverter without an available-power metric counts as clamped at noon but not at night', async () => {
  const yaml = RIG_YAML.replace('zone: Europe/Amsterdam,', 'zone: Europe/Amsterdam, latitude: 53, longitude: 6.29,');
  const none = { minKw: 0, maxKw: 0 };
  for (const [hour, limitedBy, stages] of [
    [0, null, ['applied']],
    [11, 'envelope', ['applied', 'clamped LS-CONTROL-002']],
  ] as const) {
    const start = START + hour * 3_600_000;
    const rig = await makeRig({ yaml, start });
    rig.world['pv/p'] = 0;
    await rig.run(3);
    const devices = [{ device: 'pv-1', envelope: [none, none, none, none], reasons: [] }];
    rig.uplink.down({ kind: 'document', document: planDocument(start, { devices }) });
    await rig.run(60);
    const sun = rig.gateway.status().devices.find(({ device }) => device === 'pv-1');
    assert.deepEqual([sun?.setpointKw, sun?.limitedBy, rig.commanded('pv/set')], [0, limitedBy, 0], `at ${hour} h`);
    assert.deepEqual(rig.uplink.stages('plan-1'), stages);
  }
});
