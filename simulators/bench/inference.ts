import { ChildWatch } from '../attack/child-watch.ts';
import { childInference, quarantineInference } from '../../cloud/forecast/serve/child-inference.ts';
import type { WeatherSeries } from '../../shared/forecast/features.ts';
import type { LoadSeries } from '../../shared/forecast/series.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import { openOnnxSession } from '../../shared/inference/onnx-session.ts';
import { MOST_MS, PARITY_TOLERANCE } from '../../shared/forecast/bundle-check.ts';
import { weighted } from '../../shared/forecast/member-blend.ts';
import { quantilesOf } from '../../shared/forecast/quantiles.ts';
import { unwrap } from '../../shared/outcome/outcome.ts';
import { machineMonotonicMs, systemTimeBase } from '../../shared/time/system-clock.ts';
import { loadSeries, seriesStartMs, seriesStepMs } from '../data/series.ts';
import { historyModels, timedModels, type TimedModel } from './inference-models.ts';
import type { BenchOptions } from './options.ts';

const DAYS = 56;

interface Measured {
  readonly name: string;
  readonly batch: number;
  /** Round trip through the child process. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** A bare ONNX Runtime session in this thread. */
  readonly bareP50Ms: number;
  readonly bytes: number;
  /** Largest difference from the trained model over its largest output. */
  readonly parity: number;
  /** For models of raw history: peak memory of the quarantine process, MB, while loading and running. */
  readonly quarantinePeakMb?: number;
}

/** Time of one inference for every kind of model that cloud and gateway use, through the child process and in a bare session. */
export async function run({ say, quick }: BenchOptions): Promise<Record<string, unknown>> {
  const runsOf = (batch: number): number => (quick ? 50 : batch === 1 ? 1000 : 200);
  const record = loadSeries().find(({ id }) => id === 'owd');
  if (record === undefined) throw new Error('the shipped series of owd is missing');
  const count = (DAYS * 86_400_000) / seriesStepMs;
  const load = { start: seriesStartMs, stepS: seriesStepMs / 1000, values: record.netKw.slice(0, count) };
  const weather = { ghi: record.radiationWm2.slice(0, count), wind: record.windSpeedMs.slice(0, count) };
  const time = systemTimeBase((error) => {
    throw error;
  });
  const inference = childInference({ time });
  const models: Measured[] = [];
  try {
    for await (const model of all(load, weather)) {
      const { name, onnx, row, expected, blend, shape } = model;
      const peak = name.includes('context') ? { quarantinePeakMb: await peakOf(model, time) } : {};
      unwrap(await inference.load(name, onnx));
      const asked = blend === undefined ? 'answer' : 'members';
      const bare = await openOnnxSession(onnx);
      for (const batch of [1, 24]) {
        const rows = Float32Array.from({ length: batch * row.length }, (_, i) => row[i % row.length]!);
        const through = await times(
          runsOf(batch),
          async () => void unwrap(await inference.run(name, rows, batch, asked)),
        );
        const direct = await times(runsOf(batch), async () => void (await bare.run(rows, batch, asked)));
        const { output: said } = unwrap(await inference.run(name, rows, batch, asked));
        const output = blend === undefined ? said : weighted(said, blend, shape);
        const [p50Ms, p99Ms] = quantilesOf(through, [0.5, 0.99]);
        const measured = {
          name,
          batch,
          p50Ms: p50Ms!,
          p99Ms: p99Ms!,
          bareP50Ms: quantilesOf(direct, [0.5])[0]!,
          bytes: onnx.length,
          parity: difference(expected, output),
          ...peak,
        };
        models.push(measured);
        if (measured.parity > PARITY_TOLERANCE)
          throw new Error(
            `${name}: runtime output differs from the trained model by ${measured.parity} of the largest output`,
          );
        say(`${name} batch ${batch}: p50 ${measured.p50Ms.toFixed(3)} ms, bare ${measured.bareP50Ms.toFixed(3)} ms`);
      }
      await bare.release();
    }
  } finally {
    await inference.close();
  }
  // The time that an uploaded model may take per row, in the cloud and at each gateway.
  return { budgetMs: MOST_MS, models };
}

async function* all(load: LoadSeries, weather: WeatherSeries): AsyncGenerator<TimedModel> {
  yield* timedModels(load, weather);
  yield* historyModels(load, weather);
}

/** Peak memory under the limits that apply to uploaded models. */
async function peakOf({ name, onnx, row }: TimedModel, time: TimeBase): Promise<number> {
  const watch = new ChildWatch(time, 'inference.child');
  const quarantine = quarantineInference(time);
  try {
    unwrap(await quarantine.load(name, onnx));
    for (let i = 0; i < 50; i++) unwrap(await quarantine.run(name, row, 1));
  } finally {
    watch.cancel();
    await quarantine.close();
  }
  return Math.round(watch.peakMb);
}

async function times(runs: number, once: () => Promise<void>): Promise<number[]> {
  for (let i = 0; i < Math.min(50, runs); i++) await once();
  const taken: number[] = [];
  for (let i = 0; i < runs; i++) {
    const begin = machineMonotonicMs();
    await once();
    taken.push(machineMonotonicMs() - begin);
  }
  return taken;
}

/** Over every row of the batch; all rows are alike. */
function difference(expected: ArrayLike<number>, output: Float32Array): number {
  let [worst, scale] = [0, 1e-6];
  for (const [i, value] of output.entries()) {
    const wanted = expected[i % expected.length]!;
    worst = Math.max(worst, Math.abs(value - wanted));
    scale = Math.max(scale, Math.abs(wanted));
  }
  return worst / scale;
}
