import { SeededRandom } from '../../../../shared/ports/random.ts';
import type { Table } from '../../../../shared/forecast/learn/table.ts';
import { boostQuantile, predictBoosted } from '../../train/boosting.ts';
import { predictMlp, trainMlp } from '../../../../shared/forecast/learn/mlp-train.ts';
import { FIRST_ORIGIN, HORIZON } from './hourly-data.ts';
import type { HourlyContext } from './hourly.ts';
import type { PairForecasts, TestPairs } from './pairs.ts';
import { PooledDesign } from './pooled.ts';

/** What is taken off the load before a member learns it: nothing (the level), or something known at the origin. */
export type Base = (origin: number, horizon: number) => number;

/** Rows and targets of training and test pairs; targets are over the base. */
interface Sample {
  readonly train: Table;
  readonly test: Table;
  readonly trainTargets: Float64Array;
  readonly testTargets: Float64Array;
  readonly testBase: Float64Array;
}

/** How long a member trains: rounds per quantile or epochs per network. `find`: as long as the loss over the test pairs falls. */
export type Lengths = readonly number[] | 'find';

/** Where no validation was possible. */
export const USUAL_LENGTHS = { boost: [80, 80, 80], mlp: [3, 3] } as const;

export interface PooledResult {
  readonly forecasts: PairForecasts;
  readonly lengths: readonly number[];
}

const LEVELS = [0.1, 0.5, 0.9];
/** The cap of the protocol's pooled baselines. */
const MOST_PAIRS = 80_000;

const BOOST = { rounds: 150, leastRows: 50, l2: 1, rowShare: 0.3, columnShare: 0.5 };
const SHAPE = { level: { rate: 0.08, leaves: 31 }, difference: { rate: 0.06, leaves: 15 } };
const MLP = { hidden: [64, 32], epochs: 6, rowsPerEpoch: 40_000, rate: 2e-3, decay: 0.01 };
const NETWORKS = 2;

export interface PooledOptions {
  readonly form: 'level' | 'difference';
  readonly base: Base;
  readonly seed: number;
  readonly lengths: Lengths;
}

/** Boosted trees, one model per quantile. To find lengths, the rounds with the least loss over the test pairs are kept. */
export function boostMember(context: HourlyContext, pairs: TestPairs, options: PooledOptions): PooledResult {
  const { form, seed, lengths } = options;
  const sample = sampleOf(context, pairs, { kind: 'trees', base: options.base });
  const models = LEVELS.map((level, q) =>
    boostQuantile(sample.train, sample.trainTargets, {
      ...BOOST,
      ...SHAPE[form],
      level,
      random: new SeededRandom(seed, `boost ${form} ${level}`),
      ...(lengths === 'find' ? { watch: watchOf(sample) } : { rounds: lengths[q]! }),
    }),
  );
  const columns = models.map((model) => predictBoosted(model, sample.test));
  return {
    forecasts: forecastsOf(sample, pairs, (i, q) => columns[q]![i]!),
    lengths: models.map((model) => model.trees.length),
  };
}

/** Networks from several seeds, averaged. To find lengths, the epoch with the least loss over the test pairs is kept. */
export function mlpMember(context: HourlyContext, pairs: TestPairs, options: PooledOptions): PooledResult {
  const { form, seed, lengths } = options;
  const sample = sampleOf(context, pairs, { kind: 'network', base: options.base });
  const sums = new Float64Array(pairs.count * LEVELS.length);
  const epochs: number[] = [];
  for (let network = 0; network < NETWORKS; network++) {
    const fitted = trainMlp(sample.train, sample.trainTargets, {
      ...MLP,
      levels: LEVELS,
      random: new SeededRandom(seed, `mlp ${form} ${network}`),
      ...(lengths === 'find' ? { watch: watchOf(sample) } : { stopAfter: lengths[network]! }),
    });
    for (const [i, value] of predictMlp(fitted, sample.test).entries()) sums[i]! += value / NETWORKS;
    epochs.push(fitted.epochs);
  }
  return {
    forecasts: forecastsOf(sample, pairs, (i, q) => sums[i * LEVELS.length + q]!),
    lengths: epochs,
  };
}

const watchOf = (sample: Sample): { table: Table; targets: Float64Array } => ({
  table: sample.test,
  targets: sample.testTargets,
});

function sampleOf(
  context: HourlyContext,
  pairs: TestPairs,
  { kind, base }: { kind: 'trees' | 'network'; base: Base },
): Sample {
  const design = new PooledDesign(context, kind);
  const { load } = context.data;
  const training = trainingPairs(load, pairs.firstTest);
  const tableOf = ({ origins, horizons }: PairList): Table => {
    const values = new Float32Array(origins.length * design.width);
    for (let i = 0; i < origins.length; i++) design.row(origins[i]!, horizons[i]!, values, i * design.width);
    return { rows: origins.length, columns: design.width, values };
  };
  const baseOf = ({ origins, horizons }: PairList): Float64Array =>
    Float64Array.from({ length: origins.length }, (_, i) => base(origins[i]!, horizons[i]!));
  const testBase = baseOf(pairs);
  const { origins, horizons } = training;
  return {
    train: tableOf(training),
    test: tableOf(pairs),
    trainTargets: baseOf(training).map((known, i) => load[origins[i]! + horizons[i]!]! - known),
    testTargets: pairs.actual.map((actual, i) => actual - testBase[i]!),
    testBase,
  };
}

interface PairList {
  readonly origins: ArrayLike<number>;
  readonly horizons: ArrayLike<number>;
}

/** The protocol's training pairs, thinned to the cap. */
function trainingPairs(load: Float64Array, firstTest: number): PairList {
  for (let thin = 1; ; thin++) {
    const origins: number[] = [];
    const horizons: number[] = [];
    for (let origin = FIRST_ORIGIN; origin + HORIZON < firstTest; origin++) {
      for (let horizon = 1; horizon <= HORIZON; horizon++) {
        if ((Math.floor(origin / 24) + horizon) % thin !== 0 || Number.isNaN(load[origin + horizon]!)) continue;
        origins.push(origin);
        horizons.push(horizon);
      }
    }
    if (origins.length <= MOST_PAIRS) return { origins, horizons };
  }
}

function forecastsOf(
  { testBase }: Sample,
  pairs: TestPairs,
  valueAt: (pair: number, quantile: number) => number,
): PairForecasts {
  const out = pairs.blank();
  for (let i = 0; i < pairs.count; i++) {
    const [low, mid, high] = LEVELS.map((_, q) => testBase[i]! + valueAt(i, q)).sort((a, b) => a - b);
    out.low[i] = low!;
    out.mid[i] = out.point[i] = mid!;
    out.high[i] = high!;
  }
  return out;
}
