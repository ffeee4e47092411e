import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommandBody } from '../../shared/contracts/document.ts';
import { commandDocument, planDocument } from './testing/documents.ts';
import { makeRig, RIG_YAML, START, type Rig } from './testing/rig.ts';

/** The rig with emergency limits that two operators may raise for a time. */
const YAML = RIG_YAML.replace(
  'limits: { importKw: 600, exportKw: 400, voltagePu: [0.9, 1.1] }',
  'limits: { importKw: 600, exportKw: 400, voltagePu: [0.9, 1.1] }\n    emergency: { importKw: 700 }',
);

async function rigged(): Promise<Rig & { give(body: Partial<CommandBody>): Promise<string[]> }> {
  const rig = await makeRig({ yaml: YAML });
  await rig.run(3);
  let sequence = 0;
  return {
    ...rig,
    give: async (body) => {
      const document = commandDocument(rig.clock.plant.now(), body, ++sequence);
      rig.uplink.down({ kind: 'document', document });
      await rig.run(2);
      return rig.uplink.stages(document.body.id);
    },
  };
}

const devicesOf = ({ gateway }: Rig) => gateway.status().devices;
const sourceOf = (rig: Rig, device: string) => devicesOf(rig).find((each) => each.device === device)?.source;
const reasonOf = (rig: Rig, device: string) => devicesOf(rig).find((each) => each.device === device)?.reason;
const planOf = (kw: number) =>
  planDocument(START, {
    devices: [{ device: 'battery-1', activePowerKw: [kw, kw, kw, kw], reasons: [] }],
    assumptions: { topologyVersion: 3, devices: ['battery-1'], heads: [], substitutions: [] },
  });

test('devices of a stopped feeder go to their safe default within a cycle until a person lifts the stop', async () => {
  const rig = await rigged();
  await rig.give({ kind: 'override', device: 'battery-1', setpoint: { activePowerKw: 80 } });
  assert.equal(rig.commanded('b/set'), 80);
  rig.world['b/p'] = 80;
  assert.deepEqual(await rig.give({ kind: 'stop', feeder: 'owd-1' }), ['applied']);
  assert.equal(rig.commanded('b/set'), 0);
  assert.equal(sourceOf(rig, 'battery-1'), 'safe-default');
  assert.equal(reasonOf(rig, 'battery-1'), 'stopped');
  assert.notEqual(reasonOf(rig, 'pv-1'), 'stopped');
  await rig.give({ kind: 'resume', feeder: 'owd-1' });
  assert.equal(rig.commanded('b/set'), 80);
  assert.match((await rig.give({ kind: 'stop', feeder: 'owd-7' }))[0]!, /rejected LS-DOC-005/);
});

test('a stop is verified only once readback or power of each device shows its safe default', async () => {
  const rig = await rigged();
  const stages = (sequence: number): string[] => rig.uplink.stages(`command-${sequence}`);
  Object.assign(rig.world, { 'b/p': 80, 'b/set-read': 80 });
  await rig.give({ kind: 'override', device: 'battery-1', setpoint: { activePowerKw: 80 } });
  assert.deepEqual(await rig.give({ kind: 'stop' }), ['applied'], 'the battery still reads back 80 kW');
  Object.assign(rig.world, { 'b/p': 0, 'b/set-read': 0 });
  await rig.run(3);
  assert.deepEqual(stages(2), ['applied'], 'the charging site takes more than it may');
  rig.world['ev/p'] = 16;
  await rig.run(3);
  assert.deepEqual(stages(2), ['applied', 'verified']);
  assert.deepEqual(await rig.give({ kind: 'resume' }), ['applied'], 'the battery was told 80 kW again');
  Object.assign(rig.world, { 'b/p': 80, 'b/set-read': 80 });
  await rig.run(3);
  assert.deepEqual(stages(3), ['applied', 'verified']);
});

test('a device or feeder is not resumed while the whole gateway is stopped', async () => {
  const rig = await rigged();
  await rig.give({ kind: 'stop' });
  for (const part of [{ device: 'battery-1' }, { feeder: 'owd-1' }]) {
    const [stage] = await rig.give({ kind: 'resume', ...part });
    assert.match(stage!, /rejected LS-CONTROL-007/);
  }
  assert.deepEqual(await rig.give({ kind: 'resume' }), ['applied', 'verified']);
});

test('a stop of a tagged device is verified only after the tag is removed', async () => {
  const rig = await rigged();
  assert.deepEqual(
    await rig.give({ kind: 'tag', device: 'battery-1' }),
    ['applied'],
    'a missing command cannot be verified',
  );
  assert.deepEqual(await rig.give({ kind: 'stop', device: 'battery-1' }), ['applied']);
  await rig.run(5);
  assert.deepEqual(rig.uplink.stages('command-2'), ['applied']);
  assert.deepEqual(await rig.give({ kind: 'untag', device: 'battery-1' }), ['applied', 'verified']);
  assert.deepEqual(rig.uplink.stages('command-2'), ['applied', 'verified']);
});

test("a tag blocks all commands to a device, including the guard's, until removed", async () => {
  const rig = await rigged();
  await rig.give({ kind: 'tag', device: 'battery-1' });
  const before = rig.link.published.length;
  assert.match(
    (await rig.give({ kind: 'override', device: 'battery-1', setpoint: { activePowerKw: 5 } }))[0]!,
    /LS-CONTROL-007/,
  );
  assert.equal(
    rig.link.published.slice(before).some(({ topic }) => topic === 'b/set'),
    false,
  );
  await rig.give({ kind: 'untag', device: 'battery-1' });
  assert.deepEqual(
    (await rig.give({ kind: 'override', device: 'battery-1', setpoint: { activePowerKw: 5 } }))[0],
    'applied',
  );
});

test('in manual a plan waits for approval; a refused plan is dropped in automatic too', async () => {
  const rig = await rigged();
  rig.uplink.down({ kind: 'document', document: planOf(40) });
  await rig.run(2);
  assert.equal(rig.commanded('b/set'), 40);
  assert.deepEqual(await rig.give({ kind: 'mode', mode: 'manual', feeder: 'owd-1' }), ['applied', 'verified']);
  assert.equal(sourceOf(rig, 'battery-1'), 'none');
  await rig.give({ kind: 'approve-plan', plan: 'plan-1' });
  assert.equal(sourceOf(rig, 'battery-1'), 'cloud-plan');
  assert.equal(rig.commanded('b/set'), 40);
  await rig.give({ kind: 'mode', mode: 'automatic' });
  await rig.give({ kind: 'refuse-plan', plan: 'plan-1' });
  assert.equal(sourceOf(rig, 'battery-1'), 'safe-default');
});

test('a feeder in monitor gets no commands while others do', async () => {
  const rig = await rigged();
  rig.uplink.down({ kind: 'document', document: planOf(40) });
  await rig.give({ kind: 'mode', mode: 'monitor', feeder: 'owd-1' });
  const before = rig.link.published.length;
  await rig.run(3);
  const topics = rig.link.published.slice(before).map(({ topic }) => topic);
  assert.equal(topics.includes('b/set'), false);
  assert.match(
    (await rig.give({ kind: 'override', device: 'battery-1', setpoint: { activePowerKw: 5 } }))[0]!,
    /LS-CONTROL-007/,
  );
});

test('a device left free by the plan is limited by its envelope, and the plan does not count as clamped', async () => {
  const rig = await makeRig({
    yaml: RIG_YAML.replace(
      'pv/p }, voltagePu: { topic: pv/v }',
      'pv/p }, voltagePu: { topic: pv/v }, availableKw: { topic: pv/able }',
    ),
  });
  Object.assign(rig.world, { 'pv/p': 0, 'pv/able': 0 });
  await rig.run(3);
  const none = { minKw: 0, maxKw: 0 };
  const free = [null, null, null, null];
  const devices = [{ device: 'pv-1', activePowerLimitKw: free, envelope: [none, none, none, none], reasons: [] }];
  rig.uplink.down({ kind: 'document', document: planDocument(START, { devices }) });
  await rig.run(5);
  const sun = () => devicesOf(rig).find(({ device }) => device === 'pv-1');
  assert.deepEqual([sun()?.source, sun()?.setpointKw, sun()?.limitedBy], ['cloud-plan', 0, null]);
  assert.deepEqual(rig.uplink.stages('plan-1'), ['applied']);
  rig.world['pv/able'] = 60;
  await rig.run(2);
  assert.equal(sun()?.limitedBy, 'envelope');
  assert.deepEqual(rig.uplink.stages('plan-1'), ['applied']);
});

test('emergency limits replace only site limits, for a time, and are refused where none are configured', async () => {
  const rig = await rigged();
  const run = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second++) {
      rig.world['b/p'] = rig.commanded('b/set') ?? 0;
      await rig.run(1);
    }
  };
  rig.world['t/p'] = 660;
  await run(10);
  const relief = (): number => rig.gateway.status().guard.reliefKw;
  const before = relief();
  assert.ok(before > 0, 'the guard acts at 660 of 600 kW');
  const expiresAt = rig.clock.plant.now() + 60_000;
  assert.deepEqual(await rig.give({ kind: 'emergency', element: 'owd', expiresAt }), ['applied']);
  await run(40);
  const raised = relief();
  assert.ok(raised < before, `it releases slowly: ${before} to ${raised} kW`);
  await run(30);
  assert.ok(relief() > raised, 'it has expired');
  assert.match((await rig.give({ kind: 'emergency', element: 'owd-1' }))[0]!, /LS-CONTROL-008/);
});
