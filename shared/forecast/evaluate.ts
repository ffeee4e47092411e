import { LocalCalendar } from './calendar.ts';
import type { WeatherSeries } from './features.ts';
import { rowsOf, type InputSchema } from './model-input.ts';
import { baselineForecast, type Baseline } from './naive.ts';
import type { Coverage } from '../contracts/coverage.ts';
import { BLOCK_MS, isInside, isTelling } from './coverage.ts';
import { indexOfLevel, meanPinball } from './quantiles.ts';
import { bandOf, Scorer, type Score } from './score.ts';
import { stepsPerDay, type LoadSeries } from './series.ts';

/** A complete forecast for the origin `next`: [step x level] step-major. */
export type Predict = (row: Float32Array, next: number) => Float32Array | Float64Array | Promise<Float32Array>;

export interface HeldBack {
  readonly load: LoadSeries;
  readonly weather?: WeatherSeries | undefined;
  readonly schema: InputSchema;
  readonly zone: string;
  readonly holidays?: readonly string[] | undefined;
  readonly levels: readonly number[];
  /** The window: targets from this index to the end of the series. */
  readonly from: number;
  /** Steps between origins. */
  readonly stride: number;
}

const BASELINES = ['seasonalNaive', 'seasonalNaiveWeek', 'sameHourMean'] as const satisfies readonly Baseline[];

/** Sums over the forecasts for the targets of one UTC day: pinball losses, each the mean over all quantiles, kW. */
export type DayScore = Readonly<Record<Baseline | 'model', number>> & {
  /** Start of the day, ms UTC. */
  readonly day: number;
  readonly n: number;
  /** Counted targets, how many of them lay between P10 and P90, and the blocks of 6 h counted first on this day; absent: not counted. */
  readonly coverage?: Coverage;
};

/** Scores of a model and of baselines over the same origins and targets of a held-back window. */
export interface Comparison {
  readonly model: Score;
  readonly baselines: Readonly<Record<Baseline, Score>>;
  readonly days: readonly DayScore[];
}

/** History of a baseline, as when a forecast is issued. */
const BASELINE_DAYS = 28;
const DAY_MS = 86_400_000;

/** Origins of the window. They lie on one fixed grid, so that two models are scored at the same origins. */
export function originsOf({ load, from, stride }: Pick<HeldBack, 'load' | 'from' | 'stride'>): number[] {
  const offset = Math.round(load.start / (load.stepS * 1000));
  const first = from + ((stride - ((offset + from) % stride)) % stride);
  const origins: number[] = [];
  for (let next = first; next < load.values.length; next += stride) origins.push(next);
  return origins;
}

type DaySum = Record<Baseline | 'model' | 'day' | 'n', number> & { coverage: Coverage };

/** Loss sums and coverage by day of the target. */
class DaySums {
  readonly #days = new Map<number, DaySum>();
  readonly #blocks = new Set<number>();

  /** Counts a target at `time` and returns its day. */
  of(
    time: number,
    { actual, band }: { readonly actual: number; readonly band: { readonly low: number; readonly high: number } },
  ): DaySum {
    const start = time - (time % DAY_MS);
    let day = this.#days.get(start);
    if (day === undefined) {
      const losses = { model: 0, seasonalNaive: 0, seasonalNaiveWeek: 0, sameHourMean: 0 };
      day = { day: start, n: 0, ...losses, coverage: { n: 0, inside: 0, blocks: 0 } };
      this.#days.set(start, day);
    }
    day.n++;
    if (!isTelling(actual, band)) return day;
    const block = Math.floor(time / BLOCK_MS);
    const { n, inside, blocks } = day.coverage;
    const isNew = !this.#blocks.has(block);
    this.#blocks.add(block);
    day.coverage = {
      n: n + 1,
      inside: inside + Number(isInside(actual, band)),
      blocks: blocks + Number(isNew),
    };
    return day;
  }

  list(): DayScore[] {
    return [...this.#days.values()].toSorted((a, b) => a.day - b.day);
  }
}

export async function compare(held: HeldBack, predict: Predict): Promise<Comparison> {
  const { load, schema, levels, from } = held;
  const source = rowsOf(schema, load, new LocalCalendar(held.zone, held.holidays), held.weather);
  const model = new Scorer();
  const scorers = BASELINES.map(() => new Scorer());
  const reach = BASELINE_DAYS * stepsPerDay(load.stepS);
  const end = load.values.length;
  const days = new DaySums();
  const [low, mid, high] = [0.1, 0.5, 0.9].map((level) => indexOfLevel(levels, level));
  for (const next of originsOf(held)) {
    const steps = Math.min(schema.steps, end - next);
    const output = await predict(source.row(next), next);
    const history = { ...load, values: load.values.subarray(Math.max(0, next - reach), next) };
    const naive = BASELINES.map((name) => baselineForecast(name, history, { steps, levels }));
    for (let step = 0; step < steps; step++) {
      const actual = load.values[next + step]!;
      if (Number.isNaN(actual)) continue;
      const said = (q: number): number => output[step * levels.length + q]!;
      const band = bandOf(levels, said);
      model.add(actual, band);
      const day = days.of(load.start + (next + step) * load.stepS * 1000, { actual, band });
      day.model += meanPinball(levels, actual, said);
      for (const [i, { values, point }] of naive.entries()) {
        const at = (q: number): number => values[q]![step]!;
        scorers[i]!.add(actual, { low: at(low!), mid: at(mid!), high: at(high!), point: point[step]! });
        day[BASELINES[i]!] += meanPinball(levels, actual, at);
      }
    }
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
    days: days.list(),
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
