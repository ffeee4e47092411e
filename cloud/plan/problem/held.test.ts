import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Sample } from '../../../shared/contracts/sample.ts';
import { textOf } from '../../../shared/sentences/said.ts';
import { planContent } from '../plan.ts';
import { HighsSolver } from '../search/highs-solver.ts';
import { optimise } from '../search/optimise.ts';
import { testSubstation } from '../testing/fixture.ts';
import { batteryAt, pvPlant, smallProblem } from '../testing/small-feeder.ts';
import { heldIn, type Held } from './held.ts';
import { deviceModels } from './plan-devices.ts';
import type { StorageDevice } from './problem.ts';
import { tariffs } from './prices.ts';

const NOON = Date.UTC(2021, 5, 21, 11);
const HOUR = 3_600_000;

let solver: HighsSolver;
before(async () => {
  solver = await HighsSolver.load();
});

/** Four hours at noon, with readings of all devices. */
function models(held: Readonly<Record<string, Held>>, readings: Readonly<Record<string, number>>) {
  return deviceModels({
    substation: testSubstation('aaa'),
    tariff: tariffs.dso,
    now: NOON,
    speed: 1,
    start: NOON,
    stepsS: [3600, 3600, 3600, 3600],
    sourcePu: 1,
    tapPosition: 0,
    movesToday: new Map(),
    live: (device, metric): Sample | undefined => {
      const value = readings[`${device}/${metric}`];
      return value === undefined ? undefined : { value, quality: 'good', origin: 'measured', time: NOON };
    },
    link: () => 'up',
    held: (device) => held[device],
    sessions: () => undefined,
    sky: () => ({ now: 1, best: 1.3 }),
  });
}

const reported = {
  device: 'battery-1',
  link: 'up',
  lastSeen: NOON,
  setpointKw: -40,
  wishedKw: -200,
  limitedBy: null,
} as const;

test('a command of a person holds a device, but a plan or a mode does not', () => {
  const of = (more: object): Held | undefined =>
    heldIn({ devices: [{ ...reported, source: 'cloud-plan', ...more }] }, 'battery-1', () => NOON + HOUR);
  assert.deepEqual(of({ source: 'override' }), { kw: -200, until: NOON + HOUR });
  assert.deepEqual(of({ source: 'local-manual', wishedKw: null }), { kw: null, until: NOON + HOUR });
  assert.deepEqual(of({ source: 'safe-default', wishedKw: 0, stopped: true }), { kw: 0 });
  assert.deepEqual(of({ source: 'none', wishedKw: null, tagged: true }), { kw: null });
  for (const source of ['cloud-plan', 'safe-default', 'none']) assert.equal(of({ source, mode: 'manual' }), undefined);
  assert.equal(
    heldIn(undefined, 'battery-1', () => undefined),
    undefined,
  );
});

test('a held battery is counted at its command until the end, and at rest once empty', () => {
  const { devices, substitutions } = models(
    { 'battery-1': { kw: -400, until: NOON + 3 * HOUR } },
    { 'battery-1/socPct': 60 },
  );
  const battery = devices.find((device): device is StorageDevice => device.kind === 'storage')!;
  const { capacityKwh, efficiencyDischarge, dischargeKw } = battery;
  const first = Math.min(400, dischargeKw);
  const [one, two, three, free] = battery.heldKw!;
  assert.equal(one, -first);
  const given = -(one + two! + three!) / efficiencyDischarge;
  assert.ok(
    Math.abs(given - Math.min((3 * first) / efficiencyDischarge, 0.5 * capacityKwh)) < 1e-6,
    `${given} kWh of ${capacityKwh}`,
  );
  assert.equal(free, null);
  assert.ok(battery.socMin <= 0.6 - given / capacityKwh + 1e-9, 'the level it reaches is allowed');
  assert.ok(substitutions.some((said) => textOf(said) === `battery-1 is held by a person: counted at -${first} kW`));
});

test('a tagged battery counts at its present power, a released plant at its full sun, a site at its limit', () => {
  const { devices } = models(
    { 'battery-1': { kw: null }, 'pv-1': { kw: null }, 'ev-1': { kw: 150 } },
    { 'battery-1/socPct': 60, 'battery-1/activePowerKw': 30, 'ev-1/wishedKw': 200, 'ev-1/energyDueKwh': 600 },
  );
  const held = Object.fromEntries(
    devices.map((device) => [device.id, 'heldKw' in device ? device.heldKw?.[0] : undefined]),
  );
  assert.deepEqual(held, { 'battery-1': 30, 'pv-1': -Infinity, 'ev-1': 150, 'tap-1': undefined });
});

test('a plan keeps the command of a held battery within its envelope and plans the battery afterwards', () => {
  const battery = batteryAt('b4') as StorageDevice;
  const devices = [pvPlant('b5', [1500, 3600, 0], 400), { ...battery, heldKw: [-120, null, null] }];
  const problem = smallProblem({ loadKw: [120, 200, 380], devices, spread: 0.2 });
  const found = optimise(problem, solver);
  const free = optimise({ ...problem, devices: [devices[0]!, battery] }, solver);
  const options = { substation: 'small', substitutions: [], bandKw: 20 };
  const [, planned] = planContent(found, options).devices;
  const [, own] = planContent(free, options).devices;
  assert.equal(planned!.activePowerKw![0], -120);
  assert.ok(own!.activePowerKw![0]! > -120, `unheld it would get ${own!.activePowerKw![0]} kW`);
  for (const { minKw, maxKw } of [planned!.envelope![0]!])
    assert.ok(minKw <= -120 && maxKw >= -120, `${minKw} to ${maxKw}`);
  assert.ok(
    planned!.activePowerKw!.slice(1).some((kw) => kw !== -120 && kw !== 0),
    'the plan decides again afterwards',
  );
});

test('a plant that a person released is not curtailed, even if the plan then violates a limit', () => {
  const devices = [{ ...pvPlant('b5', [4000], 400), heldKw: [-Infinity] }] as Parameters<
    typeof smallProblem
  >[0]['devices'];
  const content = planContent(optimise(smallProblem({ loadKw: [50], devices }), solver), {
    substation: 'small',
    substitutions: [],
    bandKw: 20,
  });
  assert.equal(content.status, 'least-violation');
  assert.equal(content.devices[0]!.activePowerLimitKw?.[0] ?? null, null);
});
