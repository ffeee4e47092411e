import { LocalCalendar } from './calendar.ts';
import { FeatureSource, type FeatureSchema, type WeatherSeries } from './features.ts';
import { baselineForecast, type Baseline } from './naive.ts';
import type { Coverage } from '../contracts/coverage.ts';
import { BLOCK_MS, isTelling } from './coverage.ts';
import { bandOf, Scorer, type Score } from './score.ts';
import { filled, type LoadSeries } from './series.ts';

/** One whole forecast for the origin `next`: [step x level] step-major. */
export type Predict = (row: Float32Array, next: number) => Float32Array | Float64Array | Promise<Float32Array>;

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

const BASELINES = ['seasonalNaive', 'seasonalNaiveWeek', 'sameHourMean'] as const satisfies readonly Baseline[];

/** Sums over the forecasts issued on one UTC day: of pinball losses (P10, P50, P90), kW. */
export type DayScore = Readonly<Record<Baseline | 'model', number>> & {
  /** Start of the day, ms UTC. */
  readonly day: number;
  readonly n: number;
  /** Targets whose band tells something, how many of them lay between P10 and P90, and blocks of 6 h that they first lie in; absent: not counted. */
  readonly coverage?: Coverage;
};

/** Scores of a model and of baselines over the same origins and targets of a held-back window. */
export interface Comparison {
  readonly model: Score;
  readonly baselines: Readonly<Record<Baseline, Score>>;
  readonly days: readonly DayScore[];
}

const DAY_MS = 86_400_000;

/** Origins of the window. They lie on one grid of all time, so that two models are scored at the same ones. */
export function originsOf({ load, from, stride }: Pick<HeldBack, 'load' | 'from' | 'stride'>): number[] {
  const offset = Math.round(load.start / (load.stepS * 1000));
  const first = from + ((stride - ((offset + from) % stride)) % stride);
  const origins: number[] = [];
  for (let next = first; next < load.values.length; next += stride) origins.push(next);
  return origins;
}

export async function compare(held: HeldBack, predict: Predict): Promise<Comparison> {
  const { load, schema, levels, from } = held;
  const source = new FeatureSource(schema, load, new LocalCalendar(held.zone, held.holidays), held.weather);
  const known = filled(load.values, load.stepS).values;
  const model = new Scorer();
  const scorers = BASELINES.map(() => new Scorer());
  const end = load.values.length;
  const days = new Map<number, Record<Baseline | 'model' | 'day' | 'n', number> & { coverage: Coverage }>();
  const blocks = new Set<number>();
  for (const next of originsOf(held)) {
    const steps = Math.min(schema.steps, end - next);
    const output = await predict(source.row(next), next);
    const history = { ...load, values: known.subarray(Math.max(0, next - 28 * 96), next) };
    const naive = BASELINES.map((name) => baselineForecast(name, history, { steps, levels: [0.1, 0.5, 0.9] }));
    const before = [model, ...scorers].map((scorer) => scorer.pinballSum);
    const counted = model.count;
    const blocksBefore = blocks.size;
    let [telling, inside] = [0, 0];
    for (let step = 0; step < steps; step++) {
      const actual = load.values[next + step]!;
      if (Number.isNaN(actual)) continue;
      const band = bandOf(levels, (q) => output[step * levels.length + q]!);
      model.add(actual, band);
      if (isTelling(actual, band)) {
        telling++;
        if (actual >= band.low && actual <= band.high) inside++;
        blocks.add(Math.floor((load.start + (next + step) * load.stepS * 1000) / BLOCK_MS));
      }
      for (const [i, { values, point }] of naive.entries()) {
        const [low, mid, high] = [values[0]![step]!, values[1]![step]!, values[2]![step]!];
        scorers[i]!.add(actual, { low, mid, high, point: point[step]! });
      }
    }
    if (model.count === counted) continue;
    const time = load.start + next * load.stepS * 1000;
    const day = time - (time % DAY_MS);
    const entry = days.get(day) ?? {
      day,
      n: 0,
      model: 0,
      seasonalNaive: 0,
      seasonalNaiveWeek: 0,
      sameHourMean: 0,
      coverage: { n: 0, inside: 0, blocks: 0 },
    };
    days.set(day, entry);
    entry.n += model.count - counted;
    const { coverage } = entry;
    entry.coverage = {
      n: coverage.n + telling,
      inside: coverage.inside + inside,
      blocks: coverage.blocks + blocks.size - blocksBefore,
    };
    entry.model += model.pinballSum - before[0]!;
    for (const [i, name] of BASELINES.entries()) entry[name] += scorers[i]!.pinballSum - before[i + 1]!;
  }
  const meanLoad = meanAbsolute(load.values.subarray(from));
  const score = (name: Baseline): Score => scorers[BASELINES.indexOf(name)]!.score(meanLoad);
  return {
    model: model.score(meanLoad),
    baselines: {
      seasonalNaive: score('seasonalNaive'),
      seasonalNaiveWeek: score('seasonalNaiveWeek'),
      sameHourMean: score('sameHourMean'),
    },
    days: [...days.values()],
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
