import { STEPS, STEP_S } from '../registry/horizons.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sentences as german } from '../../../shared/sentences/de/sentences.ts';
import { sentenceText } from '../../../shared/sentences/sentences.ts';
import type { ModelManifest } from '../../../shared/contracts/model.ts';
import { QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { bad, good, unwrap } from '../../../shared/outcome/outcome.ts';
import type { Inference } from '../../../shared/ports/inference.ts';
import { gaussian, SeededRandom } from '../../../shared/ports/random.ts';
import { makeForecast } from './issuer.ts';
import { LinearFallback, linearTasks } from './linear-fallback.ts';
import { InputReader, type TargetInputs } from './target-inputs.ts';
import { Verification } from './verification.ts';

const STEP_MS = STEP_S * 1000;
const DAY = 96;
const END = Date.UTC(2021, 8, 25);
const TARGET = { id: 'substation:owd', substation: 'owd', zone: 'Europe/Amsterdam', gateway: false };

/** A load with two peaks a day; `change` may replace values. */
async function inputs(change: (value: number, stepsBack: number) => number | null): Promise<TargetInputs> {
  const random = new SeededRandom(3);
  const noise = Array.from({ length: 60 * DAY }, () => 40 * gaussian(random));
  const reader = new InputReader(
    {
      intervals: async ({ start, end }) => ({
        values: Array.from({ length: (end - start) / STEP_MS }, (_, i) => {
          const back = (END - start) / STEP_MS - i;
          const angle = (2 * Math.PI * (back % DAY)) / DAY;
          return change(1500 + 500 * Math.sin(angle) + 300 * Math.sin(2 * angle + 1) + noise[back]!, back);
        }),
        substitution: null,
      }),
    },
    undefined,
    [TARGET],
  );
  return reader.read(TARGET.id, { end: END, days: 9, ahead: STEPS });
}

const model = {
  id: 'mdl-owd',
  sha256: 'f'.repeat(64),
  featureVersion: 1,
  features: [],
  steps: STEPS,
  stepS: STEP_S,
  weather: 'none',
  members: { ridge: 1 },
  outputRange: { minKw: -10_000, maxKw: 10_000 },
} as unknown as ModelManifest;

const inference = (run: Inference['run']): Inference => ({
  load: async () => good({ ms: 0 }),
  run,
  unload: async () => undefined,
  close: async () => undefined,
});
const well = inference(async () =>
  good({ output: Float32Array.from({ length: STEPS * QUANTILES.length }, (_, i) => 1000 + (i % 19)), ms: 1 }),
);
const crashed = inference(async () => bad('LS-FORECAST-003', 'the child has crashed'));

const made = async (
  of: TargetInputs,
  parts: { inference?: Inference; linear?: LinearFallback; model?: ModelManifest } = {},
) => {
  const { forecast, failed } = unwrap(
    await makeForecast({
      target: TARGET,
      issuedAt: END,
      inputs: of,
      model: parts.model ?? model,
      noModel: 'LS-FORECAST-001: none',
      inference: parts.inference ?? well,
      verification: new Verification(QUANTILES, { steps: STEPS, stepS: STEP_S }),
      linear: parts.linear,
      calendars: new Map(),
    }),
  );
  assert.deepEqual(forecast.quantiles, QUANTILES);
  assert.equal(forecast.values.length, QUANTILES.length);
  for (let step = 0; step < STEPS; step++) {
    const column = forecast.values.map((row) => row[step]!);
    assert.ok(column.every((value, q) => Number.isFinite(value) && (q === 0 || value >= column[q - 1]!)));
  }
  return { ...forecast, failed };
};

test('a failed model falls back to the weekly mean until the linear member is fitted', async () => {
  const of = await inputs((value) => value);
  const linear = new LinearFallback((input) => Promise.resolve(linearTasks.fitLinear(input)));
  const first = await made(of, { inference: crashed, linear });
  assert.equal(first.failed?.level, 'sameHourMean');
  assert.equal(first.failed?.reason, 'LS-FORECAST-003: the child has crashed');
  await new Promise((resolve) => setImmediate(resolve));
  const second = await made(of, { inference: crashed, linear });
  assert.deepEqual(second.failed, { level: 'linear', reason: 'LS-FORECAST-003: the child has crashed' });
  assert.equal(second.model.id, 'linear');
  // It has learnt the shape of the day.
  const median = second.values[9]!;
  assert.ok(Math.max(...median) - Math.min(...median) > 700);

  const blind = await made(of, { model: { ...model, weather: 'hindcast' }, linear });
  assert.equal(blind.failed?.level, 'linear');
  assert.match(blind.failed?.reason ?? '', /^LS-FORECAST-006: .* needs the weather/);
  assert.equal(
    sentenceText(blind.failed.reason, blind.sentences ?? [], {
      own: german,
      number: (text) => text,
      time: (text) => text,
    }),
    'LS-FORECAST-006: mdl-owd braucht das Wetter, und es gibt keines',
  );
  assert.equal((await made(of)).failed, null);
});

test('a failed fit of the linear member is reported once', async () => {
  const failure = new Error('the pool has ended');
  const linear = new LinearFallback(() => Promise.reject(failure));
  await made(await inputs((value) => value), { inference: crashed, linear });
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(linear.takeFailures(), [failure]);
  assert.deepEqual(linear.takeFailures(), []);
});

test('readings of a reversed meter are set aside and named, and the model uses the rest', async () => {
  const forecast = await made(await inputs((value, back) => (back <= DAY ? -value : value)));
  assert.equal(forecast.failed?.level, 'substitutedInput');
  assert.match(forecast.failed?.reason ?? '', /^LS-FORECAST-004: sign flip from 2021-09-2\dT/);
  assert.match(forecast.warnings.join('\n'), /put aside: sign flip/);
  assert.equal(forecast.model.id, 'mdl-owd');
  assert.ok(forecast.dataUpTo < END - 20 * 3_600_000);
});

test('a spike is set aside and reported, without a fallback', async () => {
  const forecast = await made(await inputs((value, back) => (back === 100 ? 60_000 : value)));
  assert.equal(forecast.failed, null);
  assert.match(forecast.warnings.join('\n'), /put aside: spike from 2021-09-23T23:00Z/);
});

test('ten days after the last reading the weekly mean still forecasts, with the reason', async () => {
  const forecast = await made(await inputs((value, back) => (back <= 10 * DAY ? null : value)));
  assert.equal(forecast.failed?.level, 'sameHourMean');
  assert.match(forecast.failed?.reason ?? '', /^LS-FORECAST-004: gap from/);
  assert.ok(forecast.values[9]!.some((value) => value > 1200));
  assert.equal(forecast.inputCompleteness, 0);
});
