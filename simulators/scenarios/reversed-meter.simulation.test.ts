import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plantSpecs } from '../region/inputs.ts';
import { buildRegion } from '../region/region.ts';
import { RegionSim } from '../sim/region-sim.ts';
import { Trace } from '../sim/trace.ts';

const LONG_S = 900;

test('a new gateway negates a reversed meter, known from history, within its first cycles and before any plan', async () => {
  const sim = new RegionSim({
    seed: 1,
    trace: new Trace(),
    stepS: 1,
    estimateEveryS: LONG_S,
    dispatchEveryS: LONG_S,
    planStepsS: [LONG_S, LONG_S],
    train: [],
    history: true,
    world: { specs: plantSpecs(['hfdp']), region: buildRegion(['hfdp']) },
  });
  await sim.start();
  const startedAt = sim.clock.plant.now();
  await sim.run(10);
  const applied = (await sim.stores.events.list({ limit: 100 })).find(({ code }) => code === 'settings.applied');
  assert.match(applied?.text ?? '', /the meter of transformer is reversed/);
  assert.ok(applied!.time - startedAt <= 2000, `${applied!.time - startedAt} ms of plant time after the start`);
  assert.equal(sim.cloud.dispatch.planFor('hfdp'), undefined, 'no plan exists yet');
  await sim.stop();
});
