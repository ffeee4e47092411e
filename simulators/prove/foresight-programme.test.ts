import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSolver } from '../../cloud/plan/compose-solver.ts';
import { drawCourse, type Course } from './course.ts';
import { FIRST_MOST_SHARE } from './foresight.ts';
import { bestSchedule, keyOf } from './foresight-programme.ts';
import { SiteSeen } from './foresight-seen.ts';
import { readProtocol } from './protocol.ts';
import { rehearse } from './rehearsal.ts';
import { SiteScore } from './site-score.ts';
import { courseWorld } from './world.ts';

const { protocol } = readProtocol();
const STEP_S = 300;
const HOURS = 0.5;

/** A second without commands: the power of the sources without devices, of each device, and available to each inverter, kW. */
interface Second {
  readonly baseKw: number;
  readonly devices: readonly { readonly key: string; readonly kw: number; readonly sunKw: number | undefined }[];
}

test('a schedule holds the export limit at every moment while the sun varies within a step', async () => {
  const name = 'gusts';
  const drawn = drawCourse(protocol, { seed: 19, name, scenario: protocol.scenarios[name]!, hours: HOURS });
  const world = await courseWorld(protocol, drawn, false);
  const steps = (HOURS * 3600) / STEP_S;
  const seen = world.specs.map((spec) => new SiteSeen(spec, steps));
  const record: Second[] = [];
  await rehearse({
    course: drawn,
    world,
    cycleS: 1,
    scores: new Map(world.region.substations.map((model) => [model.id, new SiteScore(model, drawn, protocol.unit)])),
    relays: false,
    onStep: (plants, s) => {
      const truths = plants.map((plant) => plant.truth());
      for (const [at, truth] of truths.entries()) seen[at]!.add(Math.floor(s / STEP_S), truth);
      const devices = truths.flatMap(({ devices: all }, at) =>
        all
          .filter(({ id }) => seen[at]!.devices.some((own) => own.id === id))
          .map(({ id, activePowerKw: kw, values }) => ({
            key: keyOf(seen[at]!.id, id),
            kw,
            sunKw: values['availableKw'],
          })),
      );
      const sourceKw = truths.reduce((sum, truth) => sum + truth.sourceKw, 0);
      record.push({ baseKw: devices.reduce((sum, { kw }) => sum - kw, sourceKw), devices });
    },
  });
  const exportAt = ({ baseKw, devices }: Second): number =>
    devices.reduce((sum, { kw, sunKw }) => sum + (sunKw ?? -kw), -baseKw);
  const free = record.map((second) => exportAt(second));
  const means = Array.from(
    { length: steps },
    (_, step) => free.slice(step * STEP_S, (step + 1) * STEP_S).reduce((sum, kw) => sum + kw, 0) / STEP_S,
  );
  const exportKw = Math.max(...means) + 50;
  assert.ok(Math.max(...free) > exportKw + 100, 'gusts pass the limit, and no mean of a step does');
  const course: Course = { ...drawn, shared: { importKw: 1e6, exportKw } };
  const options = {
    course,
    region: world.region,
    prices: protocol.prices,
    steps,
    stepS: STEP_S,
    free: seen,
    pickUp: FIRST_MOST_SHARE,
  };
  const schedule = bestSchedule(seen, options, await loadSolver())!;
  let [fedKwh, sunKwh] = [0, 0];
  for (const [at, { baseKw, devices }] of record.entries()) {
    const commanded = devices.map(({ key, kw, sunKw }) => {
      const asked = schedule.get(key)![Math.floor(at / STEP_S)]!;
      sunKwh += (sunKw ?? 0) / 3600;
      if (sunKw === undefined) return { key, sunKw, kw: Number.isNaN(asked) ? kw : asked };
      const fedKw = Number.isNaN(asked) ? sunKw : Math.min(sunKw, -asked);
      fedKwh += fedKw / 3600;
      return { key, kw, sunKw: fedKw };
    });
    const kw = exportAt({ baseKw, devices: commanded });
    assert.ok(kw < exportKw + 5, `${kw} kW of ${exportKw} at second ${at}`);
  }
  assert.ok(fedKwh > 0.9 * sunKwh, `${fedKwh} of ${sunKwh} kWh are fed in`);
});
