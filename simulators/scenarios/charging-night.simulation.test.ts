import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plantSpecs } from '../region/inputs.ts';
import { buildRegion } from '../region/region.ts';
import { RegionSim, type World } from '../sim/region-sim.ts';
import { Trace } from '../sim/trace.ts';

const HOUR_S = 3600;
/** Less than half of the power that an evening's cars would draw at once, and enough to charge all of them by morning. */
const CONTRACT_KW = 80;
/** Saturday afternoon, before the first car arrives; the last one leaves 17 h later. */
const START = Date.UTC(2021, 8, 25, 13, 30);
const HOURS = 17.25;

/** A substation with one charging site behind a contract and one PV plant. */
function world(): World {
  const isKept = (device: string): boolean => device === 'ev-1' || device === 'pv-1';
  const whole = buildRegion(['owd']);
  return {
    // Meters read at every plant step.
    specs: plantSpecs(['owd']).map((spec) => ({
      ...spec,
      devices: spec.devices.filter(({ id }) => isKept(id)),
      meters: spec.meters
        .filter(({ kind, device }) => kind !== 'terminal' || isKept(device))
        .map((meter) => ({ ...meter, intervalS: 1 })),
    })),
    region: {
      ...whole,
      substations: whole.substations.map((substation) => ({
        ...substation,
        devices: substation.devices.filter(({ id }) => isKept(id)),
        meters: substation.meters.filter(({ kind, device }) => kind !== 'terminal' || isKept(device)),
        connectionPoints: [
          { id: substation.devices.find(({ id }) => id === 'ev-1')!.connectionPoint, importKw: CONTRACT_KW },
        ],
      })),
    },
  };
}

test('cars leave fully served within a contract: the site reports, the cloud plans, the gateway enforces', async () => {
  const repeat = (count: number, seconds: number): number[] => Array.from({ length: count }, () => seconds);
  const sim = new RegionSim({
    seed: 1,
    trace: new Trace(),
    stepS: 15,
    estimateEveryS: 900,
    dispatchEveryS: 900,
    planStepsS: [...repeat(4, 900), ...repeat(8, 1800), ...repeat(13, 3600)],
    train: [],
    history: false,
    startMs: START,
    world: world(),
  });
  await sim.start();
  const plant = sim.plant.plants[0]!;
  const site = () => plant.truth().devices.find(({ id }) => id === 'ev-1')!;
  let [mostKw, mostWishedKw, chargedKwh] = [0, 0, 0];
  const reasons = new Set<string>();
  for (let second = 0; second < HOURS * HOUR_S; second += 300) {
    await sim.run(300);
    const { activePowerKw, values } = site();
    mostKw = Math.max(mostKw, activePowerKw);
    mostWishedKw = Math.max(mostWishedKw, values.wishedKw ?? 0);
    chargedKwh += activePowerKw / 12;
    const plan = sim.cloud.dispatch.planFor('owd')?.plan;
    for (const { constraint } of plan?.devices.find(({ device }) => device === 'ev-1')?.reasons ?? [])
      reasons.add(constraint);
    const unknown = plan?.assumptions.substitutions.filter((text) => text.startsWith('ev-1')) ?? [];
    assert.deepEqual(unknown, [], 'the cloud knows the sessions one by one');
  }
  assert.equal(site().values.sessions, 0, 'all have left');
  assert.ok(mostWishedKw > 2 * CONTRACT_KW, `they requested ${mostWishedKw} kW`);
  assert.ok(mostKw < 1.01 * CONTRACT_KW, `the site took ${mostKw} kW`);
  assert.ok(chargedKwh > 300, `${chargedKwh} kWh`);
  assert.ok(plant.truth().energyNotServedKwh < 0.1, `${plant.truth().energyNotServedKwh} kWh were missing`);
  assert.ok(
    [...reasons].some((text) => /^energy of (\d+ sessions|charger-\d+) due by \d\d:\d\dZ$/.test(text)),
    [...reasons].join('; '),
  );
  await sim.stop();
});
