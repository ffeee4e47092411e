import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Span } from '../../cloud/tracing/span.ts';
import { plantSpecs } from '../region/inputs.ts';
import { buildRegion } from '../region/region.ts';
import { RegionSim } from './region-sim.ts';
import { Trace } from './trace.ts';

test('a trace shows each step from a forecast through its plan to the setpoints that a gateway applies', async () => {
  const spans: Span[] = [];
  const sim = new RegionSim({
    seed: 1,
    trace: new Trace(),
    stepS: 1,
    estimateEveryS: 60,
    dispatchEveryS: 300,
    planStepsS: [...Array<number>(4).fill(900), ...Array<number>(8).fill(3600)],
    train: [],
    history: true,
    world: { specs: plantSpecs(['owd']), region: buildRegion(['owd']) },
    tellSpan: (span) => void spans.push(span),
  });
  await sim.start();
  await sim.run(800);
  const plan = sim.cloud.dispatch.planFor('owd')!;
  const forecast = sim.cloud.forecasts.newest('substation:owd')!;
  await sim.stop();
  const stages = new Map(plan.stages.map(({ stage, time }) => [stage, time]));
  const own = new Map(spans.filter(({ of }) => of === `plan ${plan.plan.id}`).map((span) => [span.name, span]));
  assert.deepEqual(
    [...own.keys()],
    ['forecast', 'plan', 'send', 'accept', 'apply', 'setpoint'],
    JSON.stringify(plan.stages),
  );
  const whole = own.get('setpoint')!;
  assert.equal(whole.start, forecast.issuedAt);
  assert.equal(own.get('forecast')!.end, own.get('plan')!.start);
  assert.equal(own.get('accept')!.end, stages.get('accepted'));
  assert.equal(whole.end, stages.get('applied'));
  assert.equal(whole.attributes['loadstone.forecast'], forecast.id);
  for (const { name, within } of own.values()) assert.equal(within, name === 'setpoint' ? undefined : 'setpoint');
  const frames = spans.filter(({ name }) => name === 'frame');
  assert.ok(frames.length > 0 && frames.every(({ start, end }) => start <= end));
});
