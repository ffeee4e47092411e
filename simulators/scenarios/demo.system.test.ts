import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { AlarmView } from '../../shared/contracts/alarm.ts';
import type { PlanView } from '../../shared/contracts/plan.ts';
import type { ForecastAnswer } from '../../shared/contracts/planner.ts';
import { until } from '../../shared/testing/until.ts';
import { plantStartMs, startedRegion } from '../plant/region-plant.ts';
import { plantSpecs } from '../region/inputs.ts';
import { buildRegion } from '../region/region.ts';
import { contradicted } from '../truth/standing-alarms.ts';
import { leftPlant } from './testing/left-plant.ts';
import { RunningDemo, withDemo } from './testing/running-demo.ts';
import { walkScreens } from './testing/screen-walk.ts';

/** Largest difference between a device's power and the plan's target: rounding on the way, kW. */
const TARGET_KW = 0.5;
/** The substation whose model is trained first. */
const FORECAST = '/v1/substations/hal/forecast';
/** The substation with an OCPP charging site, and a start minutes before its first cars arrive, five hours after the demo's. */
const ON_OCPP = 'mnzl';
const MORNING = Date.UTC(2021, 8, 25, 4, 50);
const STEP_S = 60;
/** The feeder that the key `s` spikes first. */
const SPIKE_FEEDER = 'owd-2';
/** Plant time within which the effects of a spike have shown. */
const TOLD_S = 60;
const MOST_OF_A_SPIKE = 2;
/** Longer than the test, at full speed too. */
const SPIKE_S = 2 * 3600;

test('one command runs the region, edge to cloud and back, stops on Ctrl-C and resumes', async () => {
  await withDemo({}, async (demo) => {
    await namesLyingMeters(demo);
    await followsThePlan(demo);
    const { plantTime } = (await demo.region()).clock;
    // A spike slows plant time, which leaves the machine to the browser and to the training of models. It lasts to the end.
    await Promise.all([spikeOf30Percent(demo), walkScreens(demo), forecastsWithOnnx(demo)]);
    const standing = await standingAlarms(demo);
    await demo.interrupt();
    const region = leftPlant(demo.data);
    assert.ok(region.timeMs >= plantTime, 'the plant state is saved');
    assert.deepEqual(contradicted(standing, region, { region: buildRegion(), specs: plantSpecs() }), []);

    const second = await RunningDemo.start({ data: demo.data });
    try {
      await second.ready();
      const { clock } = await second.region();
      assert.ok(clock.plantTime >= region.timeMs, 'plant time resumes');
      assert.doesNotMatch(second.output, /weeks of history/, 'history is not imported again');
      const { model } = await second.get<ForecastAnswer>(FORECAST);
      assert.match(model.sha256 ?? '', /^[0-9a-f]{64}$/, 'a model of the first run forecasts immediately');
      await second.interrupt();
    } finally {
      second.close();
    }
  });
});

test('cars that arrive in the morning charge over OCPP', async () => {
  const data = mkdtempSync(join(tmpdir(), 'loadstone-demo-'));
  // Prepares the plant at that time, so that the test need not wait for it.
  const region = startedRegion(plantSpecs([ON_OCPP]), { seed: 1, startMs: plantStartMs });
  while (region.timeMs < MORNING) region.step(STEP_S);
  writeFileSync(join(data, 'plant.json'), JSON.stringify(region.snapshot()));
  await withDemo({ data, substations: [ON_OCPP], history: false }, chargesOverOcpp);
});

async function namesLyingMeters(demo: RunningDemo): Promise<void> {
  const { substations } = await demo.region();
  assert.equal(substations.length, 10);
  const found = substations.flatMap(({ id, findings }) =>
    findings.map(({ device, finding }) => `${id} ${device} ${finding}`),
  );
  assert.deepEqual(found.toSorted(), ['hfdp transformer reversed', 'wls transformer dead']);
  for (const { id } of substations) {
    const { activePowerKw } = await until(`${id} has a value and a plan`, async () => {
      const now = (await demo.region()).substations.find((each) => each.id === id)!;
      return typeof now.activePowerKw.value === 'number' && now.planStatus !== 'none' ? now : undefined;
    });
    if (id === 'wls' || id === 'hfdp')
      assert.notEqual(activePowerKw.origin, 'measured', `${id} continues on estimates`);
  }
  const events = await demo.events();
  for (const [source, code] of [
    ['wls-01', 'LS-METER-001'],
    ['hfdp-01', 'LS-METER-002'],
  ]) {
    assert.ok(
      events.some((event) => event.kind === 'alarm' && event.source === source && event.code === code && event.active),
      `an alarm ${code} of ${source}`,
    );
  }
}

async function forecastsWithOnnx(demo: RunningDemo): Promise<void> {
  const forecast = await until('a forecast of a trained model', async () => {
    const answer = await demo.get<ForecastAnswer>(FORECAST);
    return answer.model.sha256 === null || answer.model.sha256 === undefined ? undefined : answer;
  });
  const quantiles = Object.keys(forecast.values).filter((name) => name.startsWith('quantile_'));
  assert.ok(quantiles.length >= 3, quantiles.join(' '));
  const [low, high] = [forecast.values['quantile_P5']!, forecast.values['quantile_P95']!];
  assert.equal(low.length, high.length);
  assert.ok(low.every((value, at) => value !== null && value <= high[at]!));
}

/** Waits for an applied plan with targets, and checks that the devices follow it. */
async function followsThePlan(demo: RunningDemo): Promise<void> {
  const record = await until('an applied plan that uses the batteries', async () => {
    const now = appliedPlan(await demo.plan('owd-1'));
    return now?.plan.assumptions.devices.includes('battery-1') === true ? now : undefined;
  });
  const { plan, document } = record;
  assert.ok(document.sequence >= 1);
  assert.ok(Number.isFinite(plan.cost.totalEur));
  assert.ok(Array.isArray(plan.binding));
  assert.ok(plan.assumptions.heads.some(({ element }) => element === 'owd-1' || element === 'feeder-1'));
  assert.deepEqual(
    record.stages.map(({ stage }) => stage).filter((stage) => ['accepted', 'applied'].includes(stage)),
    ['accepted', 'applied'],
  );

  const followed = await until(
    'the batteries follow the plan in force',
    async () => {
      const now = appliedPlan(await demo.plan('owd-1'));
      const view = await demo.feeder('owd-1');
      const { health } = await demo.gateway('owd-01');
      if (now === undefined || health?.plan.id !== now.plan.id) return undefined;
      const step = stepAt(now, health.time);
      const devices = now.plan.devices.flatMap(({ device, activePowerKw }) => {
        const target = activePowerKw?.[step] ?? null;
        const shown = view.devices.find(({ id }) => id === device);
        return target === null || shown === undefined ? [] : [{ target, shown }];
      });
      const all = devices.every(
        ({ target, shown }) =>
          shown.source === 'cloud-plan' && Math.abs((shown.setpointKw ?? NaN) - target) <= TARGET_KW,
      );
      return devices.length > 0 && all ? devices : undefined;
    },
    { mostMs: 200 },
  );
  assert.ok(followed.length >= 3, 'three batteries have a target');
}

/** Triggers a spike as the key `s` does and checks that it raises few alarms. */
async function spikeOf30Percent(demo: RunningDemo): Promise<void> {
  const spike = { kind: 'spike', feeder: SPIKE_FEEDER, percent: 30, durationS: SPIKE_S };
  const answer = await demo.post('/v1/simulation/events', spike);
  assert.ok(answer.ok, `${answer.status}`);
  const at = Date.parse(((await answer.json()) as { readonly acceptedAt: string }).acceptedAt);
  await until('the spike has lasted a while', async () => (await demo.region()).clock.plantTime >= at + TOLD_S * 1000, {
    withinS: 300,
    mostMs: 500,
  });
  const came = (await standingAlarms(demo)).filter(({ raisedAt }) => (raisedAt ?? 0) >= at);
  assert.ok(came.length <= MOST_OF_A_SPIKE, came.map(({ code, text }) => `${code} ${text}`).join('\n'));
}

async function standingAlarms(demo: RunningDemo): Promise<readonly AlarmView[]> {
  const { items } = await demo.get<{ items: AlarmView[] }>('/v1/alarms');
  return items.filter(({ active }) => active);
}

/** The site's chargers connect to the gateway: cars that arrive in the morning charge as measured, within the gateway's limits. */
async function chargesOverOcpp(demo: RunningDemo): Promise<void> {
  const site = await until('cars charge at the site on OCPP', async () => {
    const found = (await demo.feeder('mnzl-2')).devices.find(({ id }) => id === 'ev-2');
    const { value = null, origin } = found?.activePowerKw ?? {};
    const isHeard = found?.link === 'up' && origin === 'measured';
    return isHeard && value !== null && value > 1 ? found : undefined;
  });
  assert.ok(site.setpointKw !== null && site.setpointKw > 0, 'it has a limit from the gateway');
}

const appliedPlan = (record: PlanView): PlanView | undefined =>
  record.stages.some(({ stage }) => stage === 'applied') ? record : undefined;

/** Index of the step that contains `time`. */
function stepAt({ plan }: PlanView, time: number): number {
  let end = plan.horizon.start;
  return plan.horizon.stepsS.findIndex((seconds) => time < (end += seconds * 1000));
}
