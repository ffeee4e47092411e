import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plantSpecs } from '../region/inputs.ts';
import { buildRegion } from '../region/region.ts';
import { RegionSim } from '../sim/region-sim.ts';
import { goodNetwork } from '../sim/sim-network.ts';
import { Trace } from '../sim/trace.ts';

const MINUTES = 20;

test('repeated births on a lossy WAN do not cause more plans', async () => {
  let births = 0;
  const sim = new RegionSim({
    seed: 1,
    trace: new Trace(undefined, false),
    world: { specs: plantSpecs(['owd']), region: buildRegion(['owd']) },
    stepS: 1,
    estimateEveryS: 300,
    dispatchEveryS: 300,
    planStepsS: [900, 900, 900, 900],
    train: [],
    history: false,
    uplinks: { ...goodNetwork, drop: 0.03 },
    watch: {
      cycled: () => undefined,
      commanded: () => undefined,
      uplink: (_gateway, way, topic) => void (births += Number(way === 'out' && topic.includes('/NBIRTH/'))),
      failed: (process, error) => {
        throw new Error(`${process} failed`, { cause: error });
      },
    },
  });
  await sim.start();
  await sim.run(60 * MINUTES);
  const [{ gateway }] = sim.region.substations as [(typeof sim.region.substations)[number]];
  const plans = (await sim.stores.documents.list('plan', gateway, 1000)).flatMap(({ document }) =>
    document.type === 'plan' ? [document.body.trigger] : [],
  );
  await sim.stop();
  assert.ok(births > MINUTES, `${births} births`);
  // At most one plan per look, and a further one when the gateway comes up.
  assert.ok(plans.length <= MINUTES / 5 + 2, `${plans.length} plans: ${plans.join(' ')}`);
});
