import { LocalCalendar } from '../../shared/forecast/calendar.ts';
import { FeatureSource, type FeatureSchema, type WeatherSeries } from '../../shared/forecast/features.ts';
import { stepsPerDay, type LoadSeries } from '../../shared/forecast/series.ts';
import type { ModelManifest } from '../../shared/contracts/model.ts';
import { ridgeGraph } from '../models/ridge-graph.ts';
import { compare } from './evaluate.ts';
import { predictRidge, trainRidge, type RidgeModel } from './ridge-member.ts';

export interface TrainInput {
  readonly load: LoadSeries;
  /** Through the end of the load. */
  readonly weather?: WeatherSeries | undefined;
  readonly schema: FeatureSchema;
  readonly zone: string;
  readonly holidays?: readonly string[] | undefined;
  readonly levels: readonly number[];
  /** Days at the end that are held back to measure the recipe. */
  readonly heldBackDays: number;
  /** True: the shipped model has not seen the held-back days either. False: it is fitted again on all of them. */
  readonly keepHeldBack?: boolean;
}

export interface TrainedForecast {
  readonly onnx: Uint8Array;
  readonly schema: FeatureSchema;
  readonly levels: readonly number[];
  readonly trainedFrom: number;
  readonly trainedUpTo: number;
  readonly metrics: ModelManifest['metrics'];
  /** The mean of the last seven days at that hour, scored on the same days: nMAE. */
  readonly sameHourMeanNMae: number;
  readonly members: Record<string, number>;
  readonly outputRange: ModelManifest['outputRange'];
  readonly parity: { readonly input: number[]; readonly output: number[] };
}

const ORIGIN_STRIDE = 8;

/** Measures the recipe on the held-back days, fits the model to ship, and exports it. */
async function trainForecast(input: TrainInput): Promise<TrainedForecast> {
  const { load, schema, levels, zone, holidays } = input;
  const day = stepsPerDay(load.stepS);
  const count = load.values.length;
  const from = count - input.heldBackDays * day;
  const optional = { ...(input.weather && { weather: input.weather }), ...(holidays && { holidays }) };
  const common = { load, schema, zone, levels, ...optional };
  const honest = trainRidge({ ...common, trainTo: from });
  const comparison = await compare({ ...common, from, stride: ORIGIN_STRIDE }, (row) => predictRidge(honest, row));
  const shipped = input.keepHeldBack === true ? honest : trainRidge(common);
  const source = new FeatureSource(schema, load, new LocalCalendar(zone, holidays), input.weather);
  const row = source.row(count - schema.steps);
  const stepMs = load.stepS * 1000;
  return {
    onnx: ridgeGraph(shipped, source),
    schema,
    levels,
    trainedFrom: load.start,
    trainedUpTo: load.start + (input.keepHeldBack === true ? from : count) * stepMs,
    metrics: {
      window: isoInterval(load.start + from * stepMs, load.start + count * stepMs),
      nMae: rounded(comparison.model.nMae),
      pinball: rounded(comparison.model.pinball),
      coverage80: rounded(comparison.model.coverage80),
      seasonalNaiveNMae: rounded(comparison.baselines.seasonalNaive.nMae),
      seasonalNaivePinball: rounded(comparison.baselines.seasonalNaive.pinball),
    },
    sameHourMeanNMae: rounded(comparison.baselines.sameHourMean.nMae),
    members: memberShares(shipped),
    outputRange: rangeOf(load.values),
    parity: {
      input: [...row].map(significant),
      output: [...predictRidge(shipped, row.map(significant))].map(significant),
    },
  };
}

/** Task table of the training pool. */
export const forecastTasks = { trainForecast };
export type ForecastTasks = typeof forecastTasks;

function memberShares(model: RidgeModel): Record<string, number> {
  const steps = model.schema.steps;
  const mean = model.groups.reduce((sum, group) => sum + group.meanShare * (group.to - group.from), 0) / steps;
  return { ridge: rounded(1 - mean), sameHourMean: rounded(mean) };
}

/** The history's range and as much again on either side. */
function rangeOf(values: Float64Array): { minKw: number; maxKw: number } {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  const width = Math.max(1, max - min);
  return { minKw: Math.floor(min - width), maxKw: Math.ceil(max + width) };
}

const isoInterval = (from: number, to: number): string =>
  `${new Date(from).toISOString().slice(0, 16)}Z/${new Date(to).toISOString().slice(0, 16)}Z`;

const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;

const significant = (value: number): number => Number(value.toPrecision(6));
