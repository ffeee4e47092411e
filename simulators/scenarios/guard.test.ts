import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gatewayOnPlant } from './testing/gateway-on-plant.ts';

test('the guard responds to a feeder spike within two cycles and relieves the head as far as devices can', async () => {
  const on = await gatewayOnPlant({ id: 'owd', hour: 0, importKw: { 'feeder-1': 1250 } });
  await on.run(300);
  const before = on.gateway.status();
  assert.equal(before.guard.active, false);
  on.plant.spike({ feeder: 'owd-1', share: 0.5, durationS: 600 });
  let met = -1;
  let over = 0;
  let last = 0;
  await on.run(120, (second) => {
    const status = on.gateway.status();
    const head = status.elements.find(({ device }) => device === 'feeder-1')?.activePowerKw ?? 0;
    if (head > 1250 && over === 0) over = second;
    if (over > 0 && met < 0 && status.devices.some(({ limitedBy }) => limitedBy === 'guard')) met = second;
    last = head;
  });
  assert.ok(over > 0 && met - over <= 2, `exceeded at ${over}, response at ${met}`);
  assert.ok(last <= 1250 * 1.005, `the head ends at ${last} kW`);
  assert.ok(on.uplink.eventCodes().includes('guard.relief'));
  await on.stop();
});

test('when a fivefold spike ends within a second, relief that raises terminal voltage is undone in seconds', async () => {
  const on = await gatewayOnPlant({ id: 'owd', hour: 12 });
  await on.run(60);
  on.plant.spike({ feeder: 'owd-1', share: 4, durationS: 200 });
  const highS = new Map<string, number>();
  await on.run(400, () => {
    for (const { id, voltagePu } of on.plant.truth().devices)
      if (voltagePu > 1.1) highS.set(id, (highS.get(id) ?? 0) + 1);
  });
  const worst = Math.max(0, ...highS.values());
  assert.ok(worst > 0 && worst <= 4, `a terminal above 1.10 pu for ${worst} s`);
  await on.stop();
});

test('a reversed transformer meter is found within the hour, a dead one in ten minutes, a good one is left alone', async () => {
  const codes: Record<string, string[]> = {};
  for (const [id, minutes] of [
    ['hfdp', 60],
    ['wls', 11],
    ['owd', 60],
  ] as const) {
    const on = await gatewayOnPlant({ id, hour: 6 });
    await on.run(minutes * 60);
    codes[id] = on.uplink.eventCodes().filter((code) => code.startsWith('LS-METER'));
    await on.stop();
  }
  assert.deepEqual(codes, { hfdp: ['LS-METER-002'], wls: ['LS-METER-001'], owd: [] });
});
