import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LocalCalendar } from '../../shared/forecast/calendar.ts';
import { FeatureSource } from '../../shared/forecast/features.ts';
import { checkOnnx } from '../../shared/forecast/onnx-check.ts';
import { QUANTILES } from '../../shared/forecast/quantiles.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { inlineInference } from '../forecast/inline-inference.ts';
import { predictRidge, trainRidge } from '../forecast/ridge-member.ts';
import { ridgeGraph } from './ridge-graph.ts';
import { writeOnnx } from './onnx-writer.ts';

const random = new SeededRandom(7);
const values = Float64Array.from(
  { length: 30 * 96 },
  (_, i) => 2000 * Math.sin((i / 96) * 2 * Math.PI) + 300 * random.next(),
);
const load = { start: Date.UTC(2021, 7, 1), stepS: 900, values };
const weather = {
  ghi: Float64Array.from({ length: 30 * 96 + 192 }, (_, i) => Math.max(0, 600 * Math.sin((i / 96) * 2 * Math.PI))),
  wind: Float64Array.from({ length: 30 * 96 + 192 }, () => 4 + 6 * random.next()),
};

for (const withWeather of [false, true]) {
  const schema = { steps: 192, stepS: 900, weather: withWeather };
  const source = new FeatureSource(schema, load, new LocalCalendar('Europe/Amsterdam'), weather);
  const train = (): Uint8Array =>
    ridgeGraph(trainRidge({ load, weather, schema, zone: 'Europe/Amsterdam', levels: QUANTILES }), source);

  test(`ONNX Runtime agrees with the model that was exported, weather ${withWeather}`, async () => {
    const model = trainRidge({ load, weather, schema, zone: 'Europe/Amsterdam', levels: QUANTILES });
    const bytes = ridgeGraph(model, source);
    assert.ok(checkOnnx(bytes).ok);
    const inference = inlineInference(new VirtualClock(0).machine);
    assert.ok((await inference.load('m', bytes)).ok);
    const rows = [source.row(30 * 96), source.row(20 * 96)];
    const joined = Float32Array.from(rows.flatMap((row) => [...row]));
    const outcome = await inference.run('m', joined, 2);
    assert.ok(outcome.ok);
    const expected = rows.flatMap((row) => [...predictRidge(model, row)]);
    const scale = Math.max(...expected.map(Math.abs));
    for (const [i, value] of expected.entries()) {
      assert.ok(Math.abs(value - outcome.value.output[i]!) <= 1e-4 * scale, `output ${i}`);
      if (i % 19 > 0) assert.ok(outcome.value.output[i]! >= outcome.value.output[i - 1]!, `quantiles cross at ${i}`);
    }
    await inference.close();
  });

  test(`the same inputs give the same bytes, weather ${withWeather}`, () => {
    assert.deepEqual(train(), train());
  });
}

test('a bundle with an unknown operator, a cut one, and one of other bytes are refused', () => {
  const graph = {
    name: 'g',
    nodes: [{ op: 'Loop', inputs: ['x'], outputs: ['y'] }],
    initializers: [],
    input: { name: 'x', width: 1 },
    output: { name: 'y', width: 1 },
  };
  const refused = checkOnnx(writeOnnx(graph));
  assert.match(refused.ok ? '' : refused.fault.detail, /operator Loop/);
  const allowed = writeOnnx({ ...graph, nodes: [{ ...graph.nodes[0]!, op: 'Relu' }] });
  assert.ok(checkOnnx(allowed).ok);
  for (let cut = 0; cut < allowed.length - 8; cut++) assert.ok(!checkOnnx(allowed.subarray(0, cut)).ok || cut > 30);
  assert.equal(checkOnnx(new TextEncoder().encode('not a model')).ok, false);
});
