import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSeries, seriesStartMs, seriesStepMs } from '../data/series.ts';
import { plantStartMs } from '../plant/region-plant.ts';
import { plantSpecs } from '../region/inputs.ts';
import { buildRegion } from '../region/region.ts';
import type { SubstationId } from '../data/names.ts';
import { RegionSim } from '../sim/region-sim.ts';
import { Trace } from '../sim/trace.ts';

const PART: readonly SubstationId[] = ['owd', 'wew', 'hal', 'lls'];
/** The fourth does not take part. */
const LEARN = PART.slice(0, 3);

test('three of four gateways train over real uplinks, one killed midway, and the registry gets a measured network', async () => {
  const known = (plantStartMs - seriesStartMs) / seriesStepMs;
  const loads = new Map(
    loadSeries()
      .filter(({ id }) => LEARN.includes(id))
      .map(({ id, netKw }) => [id as string, { start: seriesStartMs, stepS: 900, values: netKw.slice(0, known) }]),
  );
  const sim = new RegionSim({
    seed: 1,
    trace: new Trace(),
    world: { specs: plantSpecs(PART), region: buildRegion(PART) },
    stepS: 10,
    estimateEveryS: 3600,
    dispatchEveryS: 86_400,
    planStepsS: [900, 900],
    train: [],
    history: false,
    federated: { rounds: 1, loads },
  });
  await sim.start();
  await sim.run(60);
  await sim.cloud.federated.begin('a test');
  const killed = sim.gateways.find(({ id }) => id.startsWith('hal'))!;
  killed.kill();
  await sim.run(30);
  await killed.start();
  sim.killCloud();
  await sim.run(30);
  await sim.restartCloud();
  for (let minute = 0; minute < 15 && sim.cloud.federated.campaign !== undefined; minute++) await sim.run(60);
  const events = await sim.stores.events.list({ limit: 10_000 });
  const codes = events.map(({ code }) => code);
  assert.ok(codes.includes('federated.published'), codes.join());
  const models = await sim.models.list();
  assert.deepEqual(
    models.map(({ manifest }) => manifest.target).toSorted(),
    LEARN.map((id) => `substation:${id}`).toSorted(),
  );
  for (const { manifest, evidence } of models) {
    assert.deepEqual(manifest.members, { federated: 1 });
    assert.ok(evidence.gate !== undefined);
  }
  assert.ok(
    events.some(({ source, code }) => source.startsWith('owd') && code === 'federated.trained'),
    'a gateway reports its update',
  );
  await sim.stop();
});
