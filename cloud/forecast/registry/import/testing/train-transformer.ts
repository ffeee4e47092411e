import { LocalCalendar } from '../../../../../shared/forecast/calendar.ts';
import { ContextSource } from '../../../../../shared/forecast/context.ts';
import type { WeatherSeries } from '../../../../../shared/forecast/features.ts';
import { quantilesOf } from '../../../../../shared/forecast/quantiles.ts';
import type { LoadSeries } from '../../../../../shared/forecast/series.ts';
import { openOnnxSession } from '../../../../../shared/inference/onnx-session.ts';
import { addOuter, addScaled, solveCholesky } from '../../../train/linear-algebra.ts';
import {
  AHEAD,
  CONTEXT,
  DAY,
  DAYS,
  LITTLE,
  PATCH,
  patchTransformer,
  seenBy,
  STEP_S,
  STEPS,
  type TransformerSize,
} from './patch-transformer.ts';

export interface TransformerTraining {
  readonly size: TransformerSize;
  readonly load: LoadSeries;
  readonly weather: WeatherSeries;
  readonly zone: string;
  /** Training uses the load up to this index. */
  readonly to: number;
  /** Steps between the origins of the training data. */
  readonly stride: number;
  readonly levels: readonly number[];
  readonly seed: number;
}

export interface TrainedTransformer {
  readonly onnx: Uint8Array;
  readonly parameters: number;
  /** A row and the model's answer. */
  readonly parity: { readonly input: number[]; readonly output: number[] };
}

/** Ridge penalty per example. */
const RIDGE = 0.2;
/** The quantiles' spread is measured on the last share of the origins, which the head was not trained on. */
const HELD_BACK = 0.3;

/** The head's inputs for one patch ahead, and its targets: residuals over the scale. */
interface Example {
  readonly seen: Float32Array;
  readonly wanted: Float32Array;
  readonly ahead: number;
}

/** Trains the head of a patch transformer by ridge regression on the outputs of its random body. */
export async function trainedTransformer(training: TransformerTraining): Promise<TrainedTransformer> {
  const { size, load, weather, zone, to, stride, levels, seed } = training;
  const schema = { steps: STEPS, stepS: STEP_S, context: CONTEXT };
  const source = new ContextSource(schema, load, new LocalCalendar(zone), weather);
  const body = await openOnnxSession(patchTransformer(size, seed).onnx);
  const examples: Example[] = [];
  for (let next = CONTEXT.length; next + STEPS <= to; next += stride) {
    const row = source.row(next);
    examples.push(...examplesOf(await body.run(row, 1), { row, load, next, width: seenBy(size) }));
  }
  await body.release();
  const early = examples.slice(0, Math.ceil(examples.length * (1 - HELD_BACK)));
  const spread = spreadOf(headOf(early), examples.slice(early.length), levels);
  const matrix = headOf(examples);
  const { onnx, parameters } = patchTransformer(size, seed, { matrix, spread, quantiles: levels.length });
  const session = await openOnnxSession(onnx);
  const row = lastWhole(source, to);
  const output = [...(await session.run(row, 1))];
  await session.release();
  return { onnx, parameters, parity: { input: [...row], output } };
}

/** The same sums as in the graph: the mean of each time of day, and the scale of the remainder. */
function levelsOf(history: Float32Array): { usual: Float64Array; scale: number } {
  const sums = new Float64Array(DAY);
  const counts = new Float64Array(DAY).fill(LITTLE);
  const known = history.filter((value) => !Number.isNaN(value));
  const mean = known.reduce((sum, value) => sum + value, 0) / Math.max(1, known.length);
  for (const [i, value] of history.entries()) {
    if (Number.isNaN(value)) continue;
    sums[i % DAY]! += value;
    counts[i % DAY]! += 1;
  }
  const usual = sums.map((sum, i) => (sum + LITTLE * mean) / counts[i]!);
  const squares = history.reduce(
    (sum, value, i) => sum + (Number.isNaN(value) ? 0 : (value - usual[i % DAY]!) ** 2),
    0,
  );
  return { usual, scale: Math.sqrt(squares / Math.max(1, known.length) + 1) };
}

function* examplesOf(
  seen: Float32Array,
  { row, load, next, width }: { row: Float32Array; load: LoadSeries; next: number; width: number },
): Generator<Example> {
  const { usual, scale } = levelsOf(row.subarray(0, DAYS * DAY));
  for (let ahead = 0; ahead < AHEAD; ahead++) {
    const wanted = Float32Array.from({ length: PATCH }, (_, i) => {
      const step = ahead * PATCH + i;
      return (load.values[next + step]! - usual[step % DAY]!) / scale;
    });
    if (!wanted.some(Number.isNaN)) yield { seen: seen.subarray(ahead * width, (ahead + 1) * width), wanted, ahead };
  }
}

/** [seen x PATCH] */
function headOf(examples: readonly Example[]): Float32Array {
  const width = examples[0]!.seen.length;
  const gram = new Float64Array(width * width);
  const right = Array.from({ length: PATCH }, () => new Float64Array(width));
  for (const { seen, wanted } of examples) {
    addOuter(gram, width, seen, 0);
    for (const [i, value] of wanted.entries()) addScaled(right[i]!, value, seen, 0);
  }
  for (let i = 0; i < width; i++) gram[i * width + i]! += RIDGE * examples.length;
  const head = new Float32Array(width * PATCH);
  for (const [i, sums] of right.entries())
    for (const [k, weight] of solveCholesky(gram.slice(), sums).entries()) head[k * PATCH + i] = weight;
  return head;
}

/** Quantiles of the errors of a patch ahead, equal for all its steps: [step x quantile]. */
function spreadOf(head: Float32Array, held: readonly Example[], levels: readonly number[]): Float32Array {
  const errors = Array.from({ length: AHEAD }, (): number[] => []);
  for (const { seen, wanted, ahead } of held)
    for (const [i, value] of wanted.entries())
      errors[ahead]!.push(value - seen.reduce((sum, each, k) => sum + each * head[k * PATCH + i]!, 0));
  const quantiles = errors.map((each) => quantilesOf(each, levels));
  return Float32Array.from(
    { length: STEPS * levels.length },
    (_, i) => quantiles[Math.floor(i / levels.length / PATCH)]![i % levels.length]!,
  );
}

/** The last row without a gap, because a manifest cannot hold one. */
function lastWhole(source: ContextSource, to: number): Float32Array {
  for (let next = to; next > 0; next--) {
    const row = source.row(next);
    if (!row.some(Number.isNaN)) return row;
  }
  throw new RangeError('no week of the load is whole');
}
