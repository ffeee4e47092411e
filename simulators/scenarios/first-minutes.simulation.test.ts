import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shareAt } from '../../shared/contracts/share-schedule.ts';
import { RegionSim } from '../sim/region-sim.ts';
import { Trace } from '../sim/trace.ts';

const STEP_S = 10;
const MINUTES = 30;
/** Two cycles: a gateway takes its share, and the others theirs before its share grows. */
const TAKEN_S = 2 * STEP_S;

test('in its first half hour the region limits no substation below its demand and raises no limit alarm', async () => {
  const sim = new RegionSim({
    seed: 1,
    trace: new Trace(undefined, false),
    stepS: STEP_S,
    estimateEveryS: 300,
    dispatchEveryS: 900,
    planStepsS: [900, 900, 900, 900],
    train: [],
    history: true,
  });
  await sim.start();
  const held = new Set<string>();
  for (let second = STEP_S; second <= 60 * MINUTES; second += STEP_S) {
    await sim.run(STEP_S);
    const now = sim.clock.plant.now();
    const takes = sim.region.substations.map(({ id }) => sim.plant.plant(id)!.truth().sourceKw);
    const sum = takes.reduce((total, kw) => total + kw, 0);
    assert.ok(sum < sim.region.limits.importKw, `the region takes ${sum} kW`);
    if (second <= TAKEN_S) continue;
    for (const [at, { id, gateway }] of sim.region.substations.entries()) {
      const document = (await sim.stores.documents.newest('settings', gateway))?.document;
      const schedule = document?.type === 'settings' ? document.body.gridLimit?.schedule : undefined;
      if (schedule !== undefined && shareAt(schedule, now).importKw < takes[at]!) held.add(id);
    }
  }
  const events = await sim.stores.events.list({ limit: 10_000 });
  const said = (of: string, about: RegExp): string[] =>
    events.filter(({ code, subject }) => code === of && about.test(subject ?? '')).map(({ text }) => text);
  const [limits, relief] = [said('LS-CONTROL-004', /^unmet/), said('guard.relief', /^grid-limit$/)];
  await sim.stop();
  assert.deepEqual({ held: [...held], limits, relief }, { held: [], limits: [], relief: [] });
});
