import assert from 'node:assert/strict';
import { test } from 'node:test';
import { estimateInline } from '../../cloud/estimate/compose-compute.ts';
import { EstimateService } from '../../cloud/estimate/estimate-service.ts';
import { testRegion } from '../../cloud/plan/testing/fixture.ts';
import { LiveState } from '../../cloud/telemetry/live.ts';
import { until } from '../../shared/testing/until.ts';
import { machineMonotonicMs } from '../../shared/time/system-clock.ts';
import { TimelineClock } from '../../shared/time/timeline-clock.ts';
import { plantStartMs, RegionPlant } from '../plant/region-plant.ts';
import { plantSpecs } from '../region/inputs.ts';
import { PlantHost } from './plant-host.ts';

const EVERY_S = 5;

test('plant time waits for the estimates of the cloud and resumes with them', async (t) => {
  const fail = (error: unknown): void => assert.fail(String(error));
  const clock = new TimelineClock(
    { plantOriginMs: plantStartMs, monotonicOriginMs: machineMonotonicMs(), speed: 0 },
    fail,
  );
  const host = new PlantHost({
    region: new RegionPlant(plantSpecs(['owd']), { seed: 1, startMs: plantStartMs }),
    clock,
    speed: 0,
    gateways: [],
    beside: ['estimates'],
    onLine: () => undefined,
    onEnd: () => undefined,
    onFailure: fail,
  });
  const region = testRegion('owd');
  const live = new LiveState();
  const value = { metric: 'activePowerKw', value: 900, quality: 'good', origin: 'measured' } as const;
  const reading = { device: 'feeder-1', time: plantStartMs, values: [value] };
  live.apply('owd-01', reading, { receivedAt: plantStartMs, historical: false });
  const inline = estimateInline(region);
  let worked = Promise.withResolvers<void>();
  const ages: number[] = [];
  const estimates = new EstimateService({
    region,
    clock,
    live,
    store: { intervals: async () => [] },
    compute: {
      ...inline,
      run: (name, input) => worked.promise.then(() => inline.run(name, input)),
    },
    everyS: EVERY_S,
    onPace: ({ plantTime, periodMs }) => {
      ages.push((clock.plant.now() - plantTime) / periodMs);
      host.came('estimates', plantTime, periodMs);
    },
    sentFindings: async () => undefined,
    onEvent: () => undefined,
    onFindings: () => undefined,
  });
  t.after(async () => {
    worked.resolve();
    estimates.stop();
    await host.stop();
  });
  await estimates.start();
  await host.start();
  host.ask(60);

  const stands = (): boolean => host.decision?.waitingFor.includes('estimates') === true;
  await until('plant time waits for the cloud', stands, { mostMs: 20 });
  assert.equal(clock.plant.now(), plantStartMs + 2 * EVERY_S * 1000);
  assert.equal(estimates.state('owd'), undefined, 'nothing is estimated yet');
  worked.resolve();
  await until('it resumes', () => clock.plant.now() > plantStartMs + 300_000);
  assert.ok(estimates.state('owd'));
  worked = Promise.withResolvers();
  await until('it waits again', stands, { mostMs: 20 });
  const atSpeedMs = 60_000;
  assert.ok(clock.plant.now() - estimates.state('owd')!.time <= 2 * atSpeedMs);
  assert.ok(
    ages.every((age) => age <= 2),
    `estimates were made ${ages.join(', ')} periods after they began`,
  );
});
