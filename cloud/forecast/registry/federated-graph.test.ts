import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import { FeatureSource } from '../../../shared/forecast/features.ts';
import { checkOnnx } from '../../../shared/forecast/onnx-check.ts';
import { GATEWAY_QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { freshNetwork, predictNetwork } from '../../../shared/federated/network.ts';
import { SeededRandom } from '../../../shared/ports/random.ts';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { inlineInference } from '../../../shared/inference/inline-inference.ts';
import { federatedGraph } from './federated-graph.ts';

const schema = { steps: 96, stepS: 900, weather: false };
const random = new SeededRandom(4);
const loads: Record<string, (i: number) => number> = {
  'a load': (i) => 2000 + 900 * Math.sin((i / 96) * 2 * Math.PI) + 200 * random.next(),
  'much sun': (i) => 100 - 5000 * Math.max(0, Math.sin((i / 96) * 2 * Math.PI)) * random.next(),
  'a flat line': () => -40,
  nothing: () => 0,
};

for (const [name, at] of Object.entries(loads))
  test(`the exported network predicts ${name} like the trained one`, async () => {
    const weights = freshNetwork(3).map((weight) => 3 * weight);
    const values = Float64Array.from({ length: 20 * 96 }, (_, i) => at(i));
    const load = { start: Date.UTC(2021, 7, 1), stepS: 900, values };
    const row = new FeatureSource(schema, load, new LocalCalendar('Europe/Amsterdam')).row(20 * 96);
    const bytes = federatedGraph(weights, schema);
    assert.ok(checkOnnx(bytes).ok);
    const inference = inlineInference(new VirtualClock(0).machine);
    assert.ok((await inference.load('federated', bytes)).ok);
    const ran = await inference.run('federated', row, 1);
    assert.ok(ran.ok);
    const count = GATEWAY_QUANTILES.length;
    const sorted = ran.value.output.slice();
    for (let step = 0; step < schema.steps; step++) sorted.subarray(step * count, (step + 1) * count).sort();
    const expected = predictNetwork(weights, row, schema);
    assert.equal(sorted.length, expected.length);
    const size = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    for (const [i, value] of expected.entries())
      assert.ok(Math.abs(value - sorted[i]!) <= 1e-5 * size, `${i}: ${value} and ${sorted[i]}`);
    await inference.close();
  });
