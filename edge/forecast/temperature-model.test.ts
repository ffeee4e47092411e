import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { floats, integers, node } from '../../cloud/forecast/registry/graph-parts.ts';
import { writeOnnx } from '../../cloud/forecast/registry/onnx-writer.ts';
import type { WeatherBody } from '../../shared/contracts/document.ts';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import type { ModelManifest } from '../../shared/contracts/model.ts';
import { GATEWAY_QUANTILES } from '../../shared/forecast/quantiles.ts';
import { uncontrolledLoad } from '../../shared/forecast/uncontrolled.ts';
import { inlineInference } from '../../shared/inference/inline-inference.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { LocalForecaster } from './local-forecaster.ts';
import { history, loadAt, T0 } from './testing/noisy-load.ts';

const HOUR = 3_600_000;
const DAY_MS = 24 * HOUR;
const DAY = 96;
const LEVELS = GATEWAY_QUANTILES.length;

/** Every quantile of every step is a hundred times the temperature there. */
const warm = writeOnnx({
  name: 'warm',
  nodes: [
    node('Slice', ['covariates', 'from', 'to', 'axis1'], 'ahead'),
    node('Mul', ['ahead', 'hundred'], 'scaled'),
    node('Tile', ['scaled', 'levels'], 'each'),
    node('Reshape', ['each', 'flat'], 'quantiles'),
  ],
  initializers: [
    integers('from', [DAY]),
    integers('to', [2 * DAY]),
    integers('axis1', [1]),
    floats('hundred', [], [100]),
    integers('levels', [1, 1, LEVELS]),
    integers('flat', [-1, DAY * LEVELS]),
  ],
  inputs: [
    { name: 'context', dims: [DAY] },
    { name: 'covariates', dims: [2 * DAY, 1] },
  ],
  outputs: [{ name: 'quantiles', dims: [DAY * LEVELS] }],
});
const covariates = Array.from({ length: 2 * DAY }, (_, i) => i / 10);
const manifest: ModelManifest = {
  id: 'substation-owd-gateway-20210925t0000-warm',
  substation: 'owd',
  target: 'substation:owd',
  context: { length: DAY, covariates: ['temperature'] },
  featureVersion: 1,
  features: [],
  stepS: 900,
  steps: DAY,
  quantiles: [...GATEWAY_QUANTILES],
  sha256: createHash('sha256').update(warm).digest('hex'),
  bytes: warm.length,
  trainedFrom: T0 - 1,
  trainedUpTo: T0,
  createdAt: T0,
  expiresAt: T0 + 30 * DAY_MS,
  weather: 'hindcast',
  metrics: { window: '', nMae: 0, pinball: 0, coverage80: 1, seasonalNaiveNMae: 1, seasonalNaivePinball: 1 },
  members: { warm: 1 },
  outputRange: { minKw: -10_000, maxKw: 10_000 },
  parity: {
    inputs: [[...Array.from({ length: DAY }, () => 1), ...covariates]],
    outputs: [covariates.slice(DAY).flatMap((value) => Array.from({ length: LEVELS }, () => 100 * value))],
    tolerance: 1e-4,
  },
};

/** Twelve degrees up to two days after T0. */
const mild: WeatherBody = {
  start: T0 - 9 * DAY_MS,
  stepS: 3600,
  temperatureC: Array.from({ length: 11 * 24 }, () => 12),
};

function rig() {
  const clock = new VirtualClock(T0);
  const events: LoadstoneEvent[] = [];
  const forecaster = new LocalForecaster({
    clock,
    inference: inlineInference(clock.machine),
    load: uncontrolledLoad(['transformer'], []),
    zone: 'Europe/Amsterdam',
    onEvent: (event) => void events.push(event),
  });
  forecaster.seed(history(9));
  const observe = (metric: string, value: number) =>
    forecaster.observe({
      device: metric === 'temperatureC' ? 'weather' : 'transformer',
      time: clock.plant.now(),
      values: [{ metric, value, quality: 'good', origin: 'measured' }],
    });
  const live = async (hours: number, temperature?: number) => {
    for (let minute = 0; minute < hours * 60; minute++) {
      observe('activePowerKw', loadAt(clock.plant.now()));
      if (temperature !== undefined && minute % 15 === 0) observe('temperatureC', temperature);
      await clock.advance(60_000);
    }
  };
  const median = () => forecaster.latest()!.values[3]!;
  return { forecaster, events, live, median };
}

test('a model that needs the temperature answers once the cloud has sent it', async () => {
  const { forecaster, events, live, median } = rig();
  forecaster.start();
  assert.ok((await forecaster.offer(manifest, warm)).ok);
  assert.equal(forecaster.latest()!.by, 'seasonalNaive');
  assert.equal(
    forecaster.state().reason,
    `LS-FORECAST-003: ${manifest.id} needs the temperature, and none is known here`,
  );
  forecaster.weather(mild);
  await live(1);
  assert.equal(forecaster.latest()!.by, manifest.id);
  assert.ok(median().every((value) => Math.abs(value - 1200) < 0.1));
  assert.deepEqual(
    events.map(({ code }) => code),
    ['model.activated', 'LS-FORECAST-003', 'model.back'],
  );
  await forecaster.stop();
});

test('a model that needs the temperature still answers when the cloud has been lost for three days', async () => {
  const { forecaster, live, median } = rig();
  forecaster.weather(mild);
  assert.ok((await forecaster.offer(manifest, warm)).ok);
  await live(72);
  await forecaster.issue();
  assert.equal(forecaster.latest()!.by, manifest.id);
  assert.ok(median().every((value) => Math.abs(value - 1200) < 0.1));
  await forecaster.stop();
});

test("a gateway's own sensor is enough for such a model", async () => {
  const { forecaster, live, median } = rig();
  await live(2, 7);
  assert.ok((await forecaster.offer(manifest, warm)).ok);
  assert.equal(forecaster.latest()!.by, manifest.id);
  assert.ok(median().every((value) => Math.abs(value - 700) < 0.1));
  await forecaster.stop();
});
