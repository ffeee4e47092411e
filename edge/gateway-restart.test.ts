import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DesiredDocument } from '../shared/contracts/document.ts';
import type { LoadSeries } from '../shared/forecast/series.ts';
import type { ControlState } from './control/state.ts';
import { batteryPlan, commandDocument, planDocument, settingsDocument } from './cycle/testing/documents.ts';
import { FakeUplink } from './cycle/testing/fake-uplink.ts';
import { makeRig, RIG_YAML, START, type Rig } from './cycle/testing/rig.ts';

/** Duration of local acts, and error of the clock, s. */
const GIVEN_S = 120;
const FAR_S = 7200;
const RAISABLE = RIG_YAML.replace(
  'limits: { importKw: 600, exportKw: 400,',
  'emergency: { importKw: 700, exportKw: 450 }\n    limits: { importKw: 600, exportKw: 400,',
);

const stateOf = ({ uplink }: Rig): ControlState =>
  (JSON.parse(uplink.of('state').at(-1)!.json) as { control: ControlState }).control;

/** The same gateway after a restart, with what it had on disk. */
function again(
  before: Rig,
  start: number,
  had: { documents?: DesiredDocument[]; loads?: LoadSeries } = {},
): Promise<Rig> {
  const { documents = [], ...rest } = had;
  const uplink = new FakeUplink();
  const stateJson = before.uplink.of('state').at(-1)?.json ?? null;
  uplink.restored = { stateJson, documents, model: null };
  return makeRig({ yaml: RAISABLE, uplink, start, ...rest });
}

/** Sets a local manual for the PV plant, an override for the battery and raised limits, two minutes each. */
async function withAllThree(): Promise<Rig> {
  const rig = await makeRig({ yaml: RAISABLE });
  await rig.run(3);
  rig.gateway.local({
    op: 'manual',
    on: true,
    device: 'pv-1',
    setpoint: { activePowerLimitKw: 10 },
    forS: GIVEN_S,
    reason: 'meter swap',
  });
  const expiresAt = rig.clock.plant.now() + 1000 * GIVEN_S;
  const commands = [
    { kind: 'override', device: 'battery-1', setpoint: { activePowerKw: 30 }, expiresAt },
    { kind: 'emergency', element: 'transformer', expiresAt },
  ] as const;
  for (const [at, body] of commands.entries())
    rig.uplink.down({ kind: 'document', document: commandDocument(rig.clock.plant.now(), body, at + 1) });
  await rig.run(3);
  return rig;
}

const standing = (rig: Rig): string[] => {
  const { manual, overrides, emergency = [] } = stateOf(rig);
  return [...manual.map(() => 'manual'), ...overrides.map(() => 'override'), ...emergency.map(() => 'emergency')];
};
const ALL = ['manual', 'override', 'emergency'];

test('after a start in 1970 an act of two minutes still ends after two minutes', async () => {
  for (const comes of [true, false]) {
    const rig = await again(await withAllThree(), 1000);
    await rig.run(60);
    if (comes) rig.clock.step(START + 65_000 - rig.clock.plant.now());
    await rig.run(40);
    assert.deepEqual(standing(rig), ALL);
    await rig.run(30);
    assert.deepEqual(standing(rig), [], comes ? 'the clock was set' : 'the clock was never set');
    assert.deepEqual(rig.uplink.stages('command-1'), ['completed']);
  }
});

test('a clock set back extends no override and no raised limit', async () => {
  const rig = await withAllThree();
  rig.clock.step(-1000 * FAR_S);
  await rig.run(100);
  assert.deepEqual(standing(rig), ALL);
  await rig.run(30);
  assert.deepEqual(standing(rig), []);
});

test('a start without a valid clock assumes a long stop: ramps start afresh, the heartbeat is lost', async () => {
  const before = await withAllThree();
  const rig = await again(before, 1000);
  await rig.run(1, false);
  assert.deepEqual([stateOf(before).failsafe.active, stateOf(rig).failsafe.active], [false, true]);
  assert.equal(stateOf(rig).failsafe.fromStart, false, 'a heartbeat alone does not end it');
});

test('a plan rejected for its shape or substation is not in force after a restart', async () => {
  const fine = planDocument(START, { devices: [batteryPlan([60, 60, 60, 60])] });
  const wrong = [
    planDocument(START, { devices: [batteryPlan([60])] }),
    planDocument(START, { devices: [batteryPlan([60, 60, 60, 60])], substation: 'elsewhere' }),
  ];
  for (const [plan, expectedKw] of [[fine, 60], ...wrong.map((each) => [each, 0] as const)] as const) {
    const before = await makeRig({ yaml: RAISABLE });
    before.uplink.down({ kind: 'document', document: plan });
    await before.run(5);
    assert.equal(before.commanded('b/set'), expectedKw);
    const rig = await again(before, START + 10_000, { documents: [plan] });
    await rig.run(5);
    assert.equal(rig.commanded('b/set'), expectedKw);
  }
});

test('settings accepted just before a power loss count after the start, once', async () => {
  const before = await makeRig({ yaml: RAISABLE });
  await before.run(5);
  const settings = settingsDocument(START + 5000, { gridLimit: { importKw: 100, exportKw: 90 }, mode: 'manual' });
  for (const known of [before, { uplink: new FakeUplink() } as Rig]) {
    const rig = await again(known, START + 10_000, { documents: [settings] });
    await rig.run(2);
    assert.deepEqual(stateOf(rig).gridLimit?.range, { minKw: -90, maxKw: 100 });
    assert.equal(stateOf(rig).mode, 'manual');
    rig.gateway.local({ op: 'mode', mode: 'automatic', reason: 'back' });
    await rig.run(2);
    const third = await again(rig, START + 20_000, { documents: [settings] });
    await third.run(2);
    assert.equal(stateOf(third).mode, 'automatic', 'later changes stand');
  }
});

test('a gateway killed twice within its first quarter hour still knows its override', async () => {
  const loads: LoadSeries = { start: 0, stepS: 900, values: new Float64Array() };
  let rig = await makeRig({ yaml: RAISABLE, loads });
  rig.uplink.down({
    kind: 'document',
    document: commandDocument(START, {
      kind: 'override',
      device: 'battery-1',
      setpoint: { activePowerKw: 30 },
      expiresAt: START + 1000 * GIVEN_S,
    }),
  });
  for (let start = 1; start <= 3; start++) {
    await rig.run(5);
    assert.deepEqual([standing(rig), rig.commanded('b/set')], [['override'], 30], `start ${start}`);
    assert.ok(!rig.uplink.eventCodes().includes('LS-JOURNAL-001'), 'its whole state is read');
    rig = await again(rig, START + 5000 * start, { loads });
  }
});

test('an unreadable load series in the saved state does not lose overrides, manual or raised limits', async () => {
  const before = await withAllThree();
  const state = JSON.parse(before.uplink.of('state').at(-1)!.json) as object;
  const damaged = JSON.stringify({ ...state, loads: { start: null, stepS: 900, values: [] } });
  before.uplink.send({ kind: 'state', json: damaged });
  const rig = await again(before, START + 10_000);
  await rig.run(5);
  assert.deepEqual(standing(rig), ALL);
  const told = rig.uplink.of('events').flatMap(({ events }) => events);
  assert.deepEqual(
    told.filter(({ code }) => code === 'LS-JOURNAL-001').map(({ text }) => text),
    [
      'the state before the restart cannot be read: /loads/start: must be number; control goes on, the rest of it starts anew',
    ],
  );
});

test('a restart keeps the plan in force until the first step of the next plan begins', async () => {
  const before = await makeRig();
  await before.run(3);
  const inForce = planDocument(START, { id: 'plan-1', devices: [batteryPlan([30, 30, 30, 30])] }, { sequence: 1 });
  const beginsAt = START + 60_000;
  const next = planDocument(
    beginsAt,
    { id: 'plan-2', devices: [batteryPlan([-20, -20, -20, -20])] },
    { sequence: 2, validFrom: beginsAt },
  );
  const rig = await again(before, START + 5000, { documents: [inForce, next] });
  await rig.run(5);
  assert.equal(rig.commanded('b/set'), 30);
  await rig.run(60);
  assert.equal(rig.commanded('b/set'), -20);
  assert.deepEqual(rig.uplink.stages('plan-1'), ['superseded']);
});
