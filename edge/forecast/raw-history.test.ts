import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { floats, integers, node } from '../../cloud/forecast/registry/graph-parts.ts';
import { writeOnnx } from '../../cloud/forecast/registry/onnx-writer.ts';
import type { ModelManifest } from '../../shared/contracts/model.ts';
import { GATEWAY_QUANTILES } from '../../shared/forecast/quantiles.ts';
import { uncontrolledLoad } from '../../shared/forecast/uncontrolled.ts';
import { inlineInference } from '../../shared/inference/inline-inference.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { LocalForecaster } from './local-forecaster.ts';

const T0 = Date.UTC(2021, 8, 25);
const DAY = 96;
const LEVELS = GATEWAY_QUANTILES.length;

/** Every quantile of every step is the load a day earlier; 7 kW if that is unknown. */
const yesterday = writeOnnx({
  name: 'yesterday',
  nodes: [
    node('IsNaN', ['context'], 'unknown'),
    node('Where', ['unknown', 'seven', 'context'], 'known'),
    node('Unsqueeze', ['known', 'axis'], 'steps'),
    node('Tile', ['steps', 'levels'], 'each'),
    node('Reshape', ['each', 'flat'], 'quantiles'),
  ],
  initializers: [
    floats('seven', [], [7]),
    integers('axis', [2]),
    integers('levels', [1, 1, LEVELS]),
    integers('flat', [-1, DAY * LEVELS]),
  ],
  inputs: [{ name: 'context', dims: [DAY] }],
  outputs: [{ name: 'quantiles', dims: [DAY * LEVELS] }],
});
const row = Array.from({ length: DAY }, (_, i) => i + 1);
const manifest: ModelManifest = {
  id: 'substation-owd-gateway-20210925t0000-yesterday',
  substation: 'owd',
  target: 'substation:owd',
  context: { length: DAY, covariates: [] },
  featureVersion: 1,
  features: [],
  stepS: 900,
  steps: DAY,
  quantiles: [...GATEWAY_QUANTILES],
  sha256: createHash('sha256').update(yesterday).digest('hex'),
  bytes: yesterday.length,
  trainedFrom: T0 - 1,
  trainedUpTo: T0,
  createdAt: T0,
  expiresAt: T0 + 86_400_000,
  weather: 'none',
  metrics: { window: '', nMae: 0, pinball: 0, coverage80: 1, seasonalNaiveNMae: 1, seasonalNaivePinball: 1 },
  members: { yesterday: 1 },
  outputRange: { minKw: 0, maxKw: 10_000 },
  parity: {
    inputs: [row],
    outputs: [row.flatMap((value) => Array.from({ length: LEVELS }, () => value))],
    tolerance: 1e-4,
  },
};

test('a gateway forecasts with a model of raw history, including gaps', async () => {
  const clock = new VirtualClock(T0);
  const forecaster = new LocalForecaster({
    clock,
    inference: inlineInference(clock.machine),
    load: uncontrolledLoad(['transformer'], []),
    zone: 'Europe/Amsterdam',
    onEvent: () => undefined,
  });
  const values = Float64Array.from({ length: 9 * DAY }, (_, i) => 1000 + i);
  values[8 * DAY + 5] = Number.NaN;
  forecaster.seed({ start: T0 - 9 * DAY * 900_000, stepS: 900, values });
  const taken = await forecaster.offer(manifest, yesterday);
  assert.ok(taken.ok, JSON.stringify(taken));
  const latest = forecaster.latest()!;
  assert.deepEqual([latest.by, latest.reason], [manifest.id, null]);
  for (const said of latest.values)
    assert.deepEqual(
      [...said],
      [...values.subarray(8 * DAY)].map((value) => (Number.isNaN(value) ? 7 : value)),
    );
  await forecaster.stop();
});
