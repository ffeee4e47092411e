import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batteryPlan, commandDocument, planDocument } from './cycle/testing/documents.ts';
import { makeRig, START, type Rig } from './cycle/testing/rig.ts';

test('a plan is followed step by step, reported once per stage and dropped at its end', async () => {
  const rig = await makeRig();
  await rig.run(3);
  const horizon = { start: START, stepsS: [120, 120, 120, 120] };
  const devices = [batteryPlan([30, -20, 10, 0])];
  const plan = planDocument(START, { horizon, devices }, { validUntil: START + 470_000 });
  rig.uplink.down({ kind: 'document', document: plan });
  await rig.run(2);
  assert.equal(rig.commanded('b/set'), 30);
  rig.world['b/set-read'] = 30;
  await rig.run(120);
  assert.equal(rig.commanded('b/set'), -20);
  const status = rig.gateway.status();
  const battery = status.devices.find(({ device }) => device === 'battery-1');
  assert.deepEqual([status.rung, battery?.source, battery?.reason], ['plan', 'cloud-plan', 'shaves the evening peak']);
  rig.world['b/set-read'] = null;
  await rig.run(370);
  assert.equal(rig.commanded('b/set'), 0);
  assert.deepEqual(rig.uplink.stages('plan-1'), ['applied', 'verified', 'expired']);
  assert.equal(rig.gateway.status().rung, 'autonomous');
});

test('on a spike the guard acts in the next cycle, the plan stays, and load returns slowly', async () => {
  const rig = await makeRig();
  const map = { id: 'transformer-p', element: 'owd-t1', quantity: 'activePowerKw' as const, min: -400, max: 600 };
  const watched = [{ ...map, perKw: { 'battery-1': 1.05, 'ev-1': 1.02, 'pv-1': 1.01 }, perKvar: {} }];
  await rig.run(3);
  rig.uplink.down({
    kind: 'document',
    document: planDocument(START, { devices: [batteryPlan([30, 30, 30, 30])], watched }),
  });
  rig.world['b/p'] = 30;
  await rig.run(3);
  await rig.link.deliver('t/p', '690');
  await rig.clock.advance(500);
  const setpointKw = rig.commanded('b/set') ?? 0;
  assert.ok(setpointKw <= 30 - 90 / 1.05 && setpointKw >= 30 - 100, `battery gets ${setpointKw}`);
  assert.equal(rig.gateway.status().rung, 'plan');
  assert.ok(rig.uplink.eventCodes().includes('guard.relief'));
  Object.assign(rig.world, { 't/p': 595, 'b/p': setpointKw });
  await rig.run(10);
  assert.equal(rig.commanded('b/set'), setpointKw, 'near the limit it rests');
  rig.world['t/p'] = 570;
  await rig.run(2);
  const after = rig.commanded('b/set') ?? 0;
  assert.ok(after > setpointKw && after <= setpointKw + 15, `released slowly to ${after}`);
  rig.world['t/p'] = 300;
  await rig.run(2);
  assert.equal(rig.commanded('b/set'), 30, 'the cause of the relief is gone: the plan is followed again at once');
  assert.deepEqual(rig.uplink.stages('plan-1'), ['applied', 'clamped LS-CONTROL-002']);
});

test('a head out of its band for a minute drops the plan, applies default envelopes, requests a new plan', async () => {
  const rig = await makeRig();
  await rig.run(3);
  const heads = [{ element: 'owd-1', lowKw: [150, 150, 150, 150], highKw: [250, 250, 250, 250] }];
  const assumptions = { topologyVersion: 3, devices: ['battery-1'], heads, substitutions: [] };
  rig.uplink.down({
    kind: 'document',
    document: planDocument(START, { devices: [batteryPlan([30, 30, 30, 30])], assumptions }),
  });
  await rig.run(5);
  rig.world['f/p'] = 300;
  await rig.run(58);
  assert.equal(rig.commanded('b/set'), 30, 'not yet');
  await rig.run(4);
  assert.equal(rig.commanded('b/set'), 0);
  assert.deepEqual(rig.uplink.stages('plan-1'), ['applied', 'assumption-failed LS-CONTROL-001']);
  rig.uplink.down({
    kind: 'document',
    document: planDocument(START, { id: 'plan-2', devices: [batteryPlan([40, 40, 40, 40])] }, { sequence: 2 }),
  });
  await rig.run(3);
  assert.equal(rig.commanded('b/set'), 40);
});

test('a plan for another topology or with a lost device is dropped, for another substation refused', async () => {
  const rig = await makeRig();
  await rig.run(3);
  const on = (more: object) => ({ topologyVersion: 3, devices: [], heads: [], substitutions: [], ...more });
  const send = (id: string, more: object, sequence: number) =>
    rig.uplink.down({ kind: 'document', document: planDocument(START, { id, ...more }, { sequence }) });
  send('plan-a', { assumptions: on({ topologyVersion: 4 }) }, 1);
  await rig.run(2);
  send('plan-b', { assumptions: on({ devices: ['battery-9'] }) }, 2);
  await rig.run(32);
  send('plan-c', { substation: 'wls' }, 3);
  send('plan-d', { devices: [{ ...batteryPlan([1]), activePowerKw: [1] }] }, 4);
  await rig.run(2);
  assert.deepEqual(rig.uplink.stages('plan-a'), ['assumption-failed LS-CONTROL-001', 'superseded']);
  assert.deepEqual(rig.uplink.stages('plan-b'), ['applied', 'assumption-failed LS-CONTROL-001']);
  assert.deepEqual(rig.uplink.stages('plan-c'), ['rejected LS-DOC-004']);
  assert.deepEqual(rig.uplink.stages('plan-d'), ['rejected LS-DOC-005']);
});

test('an early plan leaves the previous one in force until it starts; a newer one replaces it', async () => {
  const rig = await makeRig();
  await rig.run(3);
  const now = rig.clock.plant.now();
  const send = (id: string, { kw, inS, sequence }: { kw: number; inS: number; sequence: number }): void => {
    const horizon = { start: now + 1000 * inS, stepsS: [900, 900, 900, 900] };
    const devices = [batteryPlan([kw, kw, kw, kw])];
    rig.uplink.down({ kind: 'document', document: planDocument(now, { id, horizon, devices }, { sequence }) });
  };
  send('plan-a', { kw: 30, inS: 0, sequence: 1 });
  await rig.run(5);
  send('plan-b', { kw: 40, inS: 60, sequence: 2 });
  send('plan-c', { kw: 50, inS: 90, sequence: 3 });
  await rig.run(80);
  assert.deepEqual([rig.commanded('b/set'), rig.gateway.status().rung], [30, 'plan']);
  assert.deepEqual([rig.uplink.stages('plan-a'), rig.uplink.stages('plan-b')], [['applied'], ['superseded']]);
  await rig.run(10);
  assert.equal(rig.commanded('b/set'), 50);
  assert.deepEqual(
    [rig.uplink.stages('plan-a'), rig.uplink.stages('plan-c')],
    [['applied', 'superseded'], ['applied']],
  );
});

test('limits of a refused, dropped or expired plan no longer apply', async () => {
  const ways: Record<string, (rig: Rig) => Promise<void>> = {
    refused: async ({ uplink, clock }) => {
      const body = { kind: 'refuse-plan' as const, plan: 'plan-1' };
      uplink.down({ kind: 'document', document: commandDocument(clock.plant.now(), body) });
    },
    'let go': async (rig) => {
      rig.world['f/p'] = 300;
      await rig.run(62);
    },
    over: (rig) => rig.run(80),
  };
  for (const [way, end] of Object.entries(ways)) {
    const rig = await makeRig();
    await rig.run(3);
    const watched = [
      { id: 'owd-p', element: 'owd-t1', quantity: 'activePowerKw' as const, min: -400, max: 290, perKvar: {} },
    ].map((limit) => ({ ...limit, perKw: { 'battery-1': 1 } }));
    const heads = [{ element: 'owd-1', lowKw: [150, 150, 150, 150], highKw: [250, 250, 250, 250] }];
    const assumptions = { topologyVersion: 3, devices: ['battery-1'], heads, substitutions: [] };
    const devices = [batteryPlan([0, 0, 0, 0])];
    const ends = { validUntil: START + 90_000 };
    rig.uplink.down({ kind: 'document', document: planDocument(START, { devices, watched, assumptions }, ends) });
    await rig.run(5);
    assert.ok(
      rig.commanded('b/set')! < -9,
      `${way}: in force it holds the import to 290 kW: ${rig.commanded('b/set')}`,
    );
    await end(rig);
    await rig.run(15);
    assert.equal(rig.commanded('b/set'), 0, way);
    await rig.gateway.stop();
  }
});
