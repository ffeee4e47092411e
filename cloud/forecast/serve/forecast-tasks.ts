import type { TrainedForecast } from '../registry/trained-forecast.ts';
import { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import { FeatureSource, type FeatureSchema, type WeatherSeries } from '../../../shared/forecast/features.ts';
import { stepsPerDay, type LoadSeries } from '../../../shared/forecast/series.ts';
import type { MemberBlend } from '../../../shared/contracts/model.ts';
import { referencesOf } from '../registry/drift/inputs.ts';
import { ensembleGraph } from '../registry/ensemble-graph.ts';
import { weightsByStep } from '../../../shared/forecast/member-blend.ts';
import { groupsOf, suffices, memberNames, predictEnsemble, type Ensemble } from '../train/ensemble.ts';
import { compare } from '../../../shared/forecast/evaluate.ts';
import { fitEnsemble, ORIGIN_STRIDE, type FittedEnsemble, type Pruned } from '../train/fit-ensemble.ts';
import { heldBackOf, type Recipe } from '../train/recipe.ts';
import type { Reduction } from '../train/reduction.ts';
import { linearTasks } from './linear-fallback.ts';
import { metricsOf, outputRangeOf, rounded } from '../registry/manifest-facts.ts';
import { stepFits } from '../train/ridge-member.ts';

export interface TrainInput {
  readonly load: LoadSeries;
  /** Up to the end of the load. */
  readonly weather?: WeatherSeries | undefined;
  readonly schema: FeatureSchema;
  readonly zone: string;
  readonly holidays?: readonly string[] | undefined;
  readonly levels: readonly number[];
  readonly recipe: Recipe;
  /** True: the shipped model is not trained on the held-back days. False: it is fitted again on all days. */
  readonly keepHeldBack?: boolean;
  /** True: the model also returns each member's answer, for reweighting. */
  readonly withMembers?: boolean;
}

/** Version 2 is used only if it beats version 1 on the held-back days. */
async function trainForecast(input: TrainInput): Promise<TrainedForecast> {
  const { version, weather, steps, stepS } = input.schema;
  const asked = await measured(input);
  if (version !== 2) return shippedOf(asked);
  const narrow = await measured({ ...input, schema: { version: 1, steps, stepS, weather } });
  return shippedOf(lossOf(asked) < lossOf(narrow) ? asked : narrow);
}

/** Loss over the held-back days; two trainings on the same data score the same targets. */
const lossOf = ({ comparison }: Measured): number => comparison.days.reduce((sum, { model }) => sum + model, 0);

interface Measured {
  readonly input: TrainInput;
  /** Index of the first held-back step. */
  readonly from: number;
  readonly fitted: FittedEnsemble;
  readonly comparison: Awaited<ReturnType<typeof compare>>;
}

/** Scores the recipe on the held-back days. */
async function measured(input: TrainInput): Promise<Measured> {
  const { load, schema, levels, zone, holidays } = input;
  const day = stepsPerDay(load.stepS);
  const count = load.values.length;
  const from = count - heldBackOf(input.recipe, count / day) * day;
  const optional = { ...(input.weather && { weather: input.weather }), ...(holidays && { holidays }) };
  const common = { load, schema, zone, levels, ...optional };
  const members = input.recipe.members.filter((name) => suffices(name, knownDays(load.values, day)));
  const fitted = fitEnsemble({ ...common, from, members, keepHeldBack: input.keepHeldBack === true });
  const comparison = await compare({ ...common, from, stride: ORIGIN_STRIDE }, fitted.honest);
  return { input, from, fitted, comparison };
}

/** Fits the model to ship, and exports it. */
function shippedOf({ input, from, fitted, comparison }: Measured): TrainedForecast {
  const { load, schema, levels, zone, holidays } = input;
  const count = load.values.length;
  const { shipped, whole } = fitted.ship();
  const source = new FeatureSource(schema, load, new LocalCalendar(zone, holidays), input.weather);
  const row = source.row(count - schema.steps);
  const stepMs = load.stepS * 1000;
  const exported = { withMembers: input.withMembers === true };
  return {
    onnx: ensembleGraph(shipped, exported),
    schema,
    levels,
    trainedFrom: load.start,
    trainedUpTo: load.start + (input.keepHeldBack === true ? from : count) * stepMs,
    metrics: metricsOf(comparison, load, from),
    sameHourMeanNMae: rounded(comparison.baselines.sameHourMean.nMae),
    members: memberShares(shipped),
    ...(exported.withMembers && shipped.pooled.length > 0 && { blend: blendOf(shipped) }),
    days: comparison.days,
    int8Loss: fitted.int8Loss,
    reductions: fitted.reductions.map(inFiguresOf),
    ...(whole && {
      pruned: { bytesBefore: ensembleGraph(whole, exported).length, members: fitted.pruned.map(inFigures) },
    }),
    outputRange: outputRangeOf(load.values),
    parity: {
      input: [...row].map(significant),
      output: [...predictEnsemble(shipped, row.map(significant))].map(significant),
    },
  };
}

const inFigures = (cut: Pruned): Pruned => ({
  ...cut,
  lossBeforeKw: significant(cut.lossBeforeKw),
  lossAfterKw: significant(cut.lossAfterKw),
});

const inFiguresOf = ({ quantiles, ...rest }: Reduction): Reduction => ({
  ...rest,
  quantiles: quantiles.map(({ level, beforeKw, afterKw }) => ({
    level,
    beforeKw: significant(beforeKw),
    afterKw: significant(afterKw),
  })),
});

/** Task table of the training pool. */
export const forecastTasks = { trainForecast, referencesOf, ...linearTasks };
export type ForecastTasks = typeof forecastTasks;

const knownDays = (values: Float64Array, day: number): number =>
  values.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : 1), 0) / day;

/** Mean shares over the steps; the mean of the week within the linear member has a share of its own. */
function memberShares(ensemble: Ensemble): Record<string, number> {
  const { steps } = ensemble.ridge.schema;
  const names = memberNames(ensemble);
  const byStep = weightsByStep({ groups: groupsOf(ensemble.weights, ensemble.ridge.schema) }, steps);
  const fits = stepFits(ensemble.ridge);
  const sums = names.map(() => 0);
  let mean = 0;
  for (let step = 0; step < steps; step++) {
    const weights = byStep[step]!;
    for (const m of names.keys()) sums[m]! += weights[m]! / steps;
    mean += (weights[0]! * (fits.get(step)?.meanShare ?? 0)) / steps;
  }
  const shares = Object.fromEntries(names.map((name, m) => [name, rounded(sums[m]!)]));
  return { ...shares, ridge: rounded(sums[0]! - mean), sameHourMean: rounded(mean) };
}

function blendOf(ensemble: Ensemble): MemberBlend {
  return {
    members: memberNames(ensemble),
    groups: groupsOf(ensemble.weights, ensemble.ridge.schema).map(({ to, weights }) => ({
      to,
      weights: weights.map(significant),
    })),
  };
}

const significant = (value: number): number => Number(value.toPrecision(6));
