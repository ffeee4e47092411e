import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { systemTimeBase } from '../../../shared/time/system-clock.ts';
import { childInference } from './child-inference.ts';
import { computePool } from '../../compute/compute-pool.ts';
import { forecastWorker } from './worker-files.ts';
import { forecastTasks, type ForecastTasks, type TrainInput } from './forecast-tasks.ts';
import { FIRST } from '../train/recipe.ts';

const input: TrainInput = {
  load: {
    start: Date.UTC(2021, 7, 1),
    stepS: 900,
    values: Float64Array.from({ length: 35 * 96 }, (_, i) => 900 * Math.sin(i / 15.3) + ((i * 7919) % 101)),
  },
  schema: { steps: 96, stepS: 900, weather: false },
  zone: 'Europe/Amsterdam',
  levels: QUANTILES,
  recipe: { ...FIRST, heldBackDays: 7 },
};

test('a model trained on a thread equals one trained inline, and its child survives a broken model', async () => {
  const pool = computePool<ForecastTasks>({ file: forecastWorker, threads: 1 });
  const inference = childInference({ time: systemTimeBase((error) => assert.fail(String(error))) });
  try {
    const trained = await pool.run('trainForecast', input);
    const here = await forecastTasks.trainForecast(input);
    assert.deepEqual(trained.onnx, here.onnx);
    assert.deepEqual(trained.metrics, here.metrics);
    assert.ok((await inference.load('m', trained.onnx)).ok);
    const row = Float32Array.from(trained.parity.input);
    const result = await inference.run('m', row, 1);
    assert.ok(result.ok);
    const scale = Math.max(...trained.parity.output.map(Math.abs));
    for (const [i, value] of trained.parity.output.entries()) {
      assert.ok(Math.abs(value - result.value.output[i]!) <= 1e-4 * scale);
    }
    const refused = await inference.load('broken', new TextEncoder().encode('not a model'));
    assert.equal(refused.ok ? '' : refused.fault.code, 'LS-MODEL-001');
    assert.ok((await inference.run('m', row, 1)).ok);
  } finally {
    await inference.close();
    await pool.close();
  }
});

test('a run that takes too long times out; a fresh process answers the next', async () => {
  const inference = childInference({
    time: systemTimeBase((error) => assert.fail(String(error))),
    file: new URL('./testing/slow.child.ts', import.meta.url).pathname,
  });
  try {
    assert.ok((await inference.load('m', Uint8Array.of(1))).ok);
    const late = await inference.run('m', Float32Array.of(-1), 1);
    assert.equal(late.ok ? '' : late.fault.code, 'LS-FORECAST-003');
    const next = await inference.run('m', Float32Array.of(1), 1);
    assert.ok(next.ok);
  } finally {
    await inference.close();
  }
});
