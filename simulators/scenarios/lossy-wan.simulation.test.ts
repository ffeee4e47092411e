import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WeatherSource } from '../../cloud/forecast/serve/inputs.ts';
import { plantSpecs } from '../region/inputs.ts';
import { buildRegion } from '../region/region.ts';
import { RegionSim } from '../sim/region-sim.ts';
import { goodNetwork } from '../sim/sim-network.ts';
import { Trace } from '../sim/trace.ts';

const MINUTES = 20;
const MOST_WEATHER_BYTES = 1000;

/** A day's swing, and a change from day to day. */
const temperature = (time: number): number => {
  const days = time / 86_400_000;
  return 8 + 5 * Math.sin(2 * Math.PI * days) + 4 * Math.sin(days * 1.7) + Math.sin(days * 131);
};
const weather: WeatherSource = {
  intervals: async ({ start, end, resolutionS }) => {
    const stepMs = resolutionS * 1000;
    const values = Float64Array.from({ length: (end - start) / stepMs }, (_, i) => temperature(start + i * stepMs));
    const sun = new Float64Array(values.length);
    return { ghi: sun, wind: sun, temperature: values, source: 'invented', issuedAt: end, hindcast: true };
  },
};

test('repeated births on a lossy WAN do not cause more plans or weather', async () => {
  let births = 0;
  const weatherBytes: number[] = [];
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
    weather,
    uplinks: { ...goodNetwork, drop: 0.03 },
    watch: {
      cycled: () => undefined,
      commanded: () => undefined,
      uplink: (_gateway, way, topic, payload) => {
        births += Number(way === 'out' && topic.includes('/NBIRTH/'));
        if (topic.endsWith('/desired/weather')) weatherBytes.push(payload.length);
      },
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
  const sent = (await sim.stores.documents.list('weather', gateway, 1000)).map(({ document }) => document);
  await sim.stop();
  const held = JSON.parse(new TextDecoder().decode(await sim.gateways[0]!.disk.read('documents/weather.json')));
  assert.ok(births > MINUTES, `${births} births`);
  // At most one plan per look, and a further one when the gateway comes up.
  assert.ok(plans.length <= MINUTES / 5 + 2, `${plans.length} plans: ${plans.join(' ')}`);
  assert.ok(sent.length <= 3, `${sent.length} times weather for ${births} births`);
  assert.deepEqual([held.epoch, held.sequence], [sent[0]?.epoch, sent[0]?.sequence]);
  assert.ok(
    weatherBytes.length > 0 && weatherBytes.every((bytes) => bytes <= MOST_WEATHER_BYTES),
    `${weatherBytes.join()} bytes`,
  );
});
