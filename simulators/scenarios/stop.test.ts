import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RegionDevice } from '../../shared/contracts/region.ts';
import { plantStartMs } from '../plant/region-plant.ts';
import { plantSpecs } from '../region/inputs.ts';
import { buildRegion } from '../region/region.ts';
import { RegionSim } from '../sim/region-sim.ts';
import { Trace } from '../sim/trace.ts';

const NOON_MS = 12 * 3_600_000;
/** The promise of the stop: every device is at its safe default within this plant time. */
const STOP_S = 10;
/** Rounding by meters and ramps, kW. */
const WITHIN_KW = 2;

/** Most power that a stopped device may take or give, kW; null if it has no power of its own to stop. */
function stoppedKw({ type, safeDefaultKw }: RegionDevice): number | null {
  switch (type) {
    case 'battery':
      return 0;
    case 'pv-inverter':
    case 'ev-site':
    case 'flexible-load':
      return safeDefaultKw ?? 0;
    case 'tap-changer':
    case 'capacitor-bank':
    case 'meter':
      return null;
  }
}

test('a region stop brings all devices to safe defaults within ten seconds and keeps them there', async () => {
  // The guard's relief outranks a stop, so no share of the region's limit may bind here.
  const { substations, ...own } = buildRegion();
  const free = substations.map(({ failsafe: _failsafe, ...substation }) => substation);
  const limits = { importKw: 200_000, exportKw: 200_000 };
  const sim = new RegionSim({
    seed: 6,
    world: { specs: plantSpecs(), region: { ...own, limits, substations: free } },
    trace: new Trace(undefined),
    startMs: plantStartMs + NOON_MS,
    stepS: 1,
    estimateEveryS: 3600,
    dispatchEveryS: 24 * 3600,
    planStepsS: [900, 900],
    train: [],
    history: false,
  });
  await sim.start();
  await sim.run(150);
  const { region, cloud } = sim;
  const wishes = region.substations
    .filter(({ devices }) => devices.some(({ id }) => id === 'battery-1'))
    .map(({ gateway }) => ({
      gateway,
      device: 'battery-1',
      setpoint: { activePowerKw: -200 },
      durationS: 3600,
      reason: 'test',
    }));
  const tokens = await Promise.all(wishes.map(async (wish) => (await cloud.desk.select('anna', wish)).token));
  await sim.run(5);
  for (const [at, wish] of wishes.entries()) await cloud.desk.operate('anna', tokens[at]!, wish);
  await sim.run(60);
  /** Devices whose true power exceeds what a stop allows. */
  const beyond = (): string[] =>
    sim.plant.plants.flatMap((plant) => {
      const { gateway, devices } = region.substations.find(({ id }) => id === plant.id)!;
      return plant.truth().devices.flatMap(({ id, activePowerKw }) => {
        const most = stoppedKw(devices.find((each) => each.id === id)!);
        const over = most === null ? 0 : Math.abs(activePowerKw) - most;
        return over > WITHIN_KW ? [`${gateway}/${id}: ${activePowerKw.toFixed(1)} kW of ${most}`] : [];
      });
    });
  const before = beyond();
  assert.ok(before.length >= region.substations.length, `there is something to stop: ${before.length} devices`);

  const target = `region:${region.id}`;
  const { commands } = await cloud.desk.acts.ask('anna', { kind: 'stop', target }, 'smoke at the busbar');
  assert.deepEqual(
    commands.map(({ gateway }) => gateway).toSorted(),
    region.substations.map(({ gateway }) => gateway).toSorted(),
  );
  let atS = 0;
  for (let second = 1; second <= 60; second++) {
    await sim.run(1);
    if (beyond().length > 0) atS = second + 1;
  }
  assert.ok(atS <= STOP_S, `${atS} s until the last device was at its safe default: ${beyond().join(', ')}`);
  const ways = await Promise.all(commands.map(({ id }) => cloud.desk.command(id)));
  for (const { state, gateway } of ways) assert.ok(['applied', 'verified'].includes(state), `${gateway}: ${state}`);
  const view = cloud.desk.acts.view(() => undefined);
  assert.ok(view.substations.every(({ stopped }) => stopped === true));
  await sim.stop();
});
