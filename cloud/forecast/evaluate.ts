import { LocalCalendar } from '../../shared/forecast/calendar.ts';
import { FeatureSource, type FeatureSchema, type WeatherSeries } from '../../shared/forecast/features.ts';
import { baselineForecast, type Baseline } from '../../shared/forecast/naive.ts';
import { bandOf, Scorer, type Score } from '../../shared/forecast/score.ts';
import { filled, type LoadSeries } from '../../shared/forecast/series.ts';

/** One whole forecast for the origin `next`: [step x level] step-major. */
export type Predict = (row: Float32Array) => Float32Array | Float64Array | Promise<Float32Array>;

export interface HeldBack {
  readonly load: LoadSeries;
  readonly weather?: WeatherSeries | undefined;
  readonly schema: FeatureSchema;
  readonly zone: string;
  readonly holidays?: readonly string[] | undefined;
  readonly levels: readonly number[];
  /** The window: targets from this index to the end of the series. */
  readonly from: number;
  /** Steps between origins. */
  readonly stride: number;
}

/** Scores of a model and of baselines over the same origins and targets of a held-back window. */
export interface Comparison {
  readonly model: Score;
  readonly baselines: Readonly<Record<Baseline, Score>>;
}

export async function compare(held: HeldBack, predict: Predict): Promise<Comparison> {
  const { load, schema, levels, from } = held;
  const source = new FeatureSource(schema, load, new LocalCalendar(held.zone, held.holidays), held.weather);
  const known = filled(load.values, load.stepS).values;
  const names: Baseline[] = ['seasonalNaive', 'seasonalNaiveWeek', 'sameHourMean'];
  const model = new Scorer();
  const scorers = new Map(names.map((name) => [name, new Scorer()]));
  const end = load.values.length;
  for (let next = from; next < end; next += held.stride) {
    const steps = Math.min(schema.steps, end - next);
    const output = await predict(source.row(next));
    const history = { ...load, values: known.subarray(Math.max(0, next - 28 * 96), next) };
    const naive = names.map((name) => baselineForecast(name, history, { steps, levels: [0.1, 0.5, 0.9] }));
    for (let step = 0; step < steps; step++) {
      const actual = load.values[next + step]!;
      if (Number.isNaN(actual)) continue;
      model.add(
        actual,
        bandOf(levels, (q) => output[step * levels.length + q]!),
      );
      for (const [i, { values, point }] of naive.entries()) {
        const [low, mid, high] = [values[0]![step]!, values[1]![step]!, values[2]![step]!];
        scorers.get(names[i]!)!.add(actual, { low, mid, high, point: point[step]! });
      }
    }
  }
  const meanLoad = meanAbsolute(load.values.subarray(from));
  const score = (name: Baseline): Score => scorers.get(name)!.score(meanLoad);
  return {
    model: model.score(meanLoad),
    baselines: {
      seasonalNaive: score('seasonalNaive'),
      seasonalNaiveWeek: score('seasonalNaiveWeek'),
      sameHourMean: score('sameHourMean'),
    },
  };
}

export function meanAbsolute(values: Float64Array): number {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += Math.abs(value);
    count++;
  }
  return count === 0 ? 1 : Math.max(1e-9, sum / count);
}
