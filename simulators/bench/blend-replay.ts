import { LiveBlend } from '../../cloud/forecast/serve/blend/live-blend.ts';
import { RECIPE, schemaFor } from '../../cloud/forecast/train/recipe.ts';
import { weatherWithin } from '../../shared/forecast/weather-series.ts';
import { forecastTasks } from '../../cloud/forecast/serve/forecast-tasks.ts';
import { inlineInference } from '../../shared/inference/inline-inference.ts';
import { LocalCalendar } from '../../shared/forecast/calendar.ts';
import type { MemberBlend } from '../../shared/contracts/model.ts';
import { FeatureSource, type WeatherSeries } from '../../shared/forecast/features.ts';
import { weighted } from '../../shared/forecast/member-blend.ts';
import { indexOfLevel, pinball, QUANTILES } from '../../shared/forecast/quantiles.ts';
import { valueAt, type LoadSeries } from '../../shared/forecast/series.ts';
import { unwrap } from '../../shared/outcome/outcome.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';

export interface BlendReplay {
  /** The whole series; NaN marks a gap. */
  readonly load: LoadSeries;
  readonly weather?: WeatherSeries | undefined;
  readonly zone: string;
  /** The model learns from the values before this index and forecasts the rest. */
  readonly trainTo: number;
  /** Steps per forecast. */
  readonly steps: number;
  /** Steps between origins. */
  readonly stride: number;
  /** Weights of the prior to try, days; each is scored on the same forecasts. */
  readonly priorDays: readonly number[];
}

/** Mean pinball losses of P10, P50 and P90 over all steps of all forecasts, divided by the mean absolute load. */
export interface BlendScores {
  readonly members: readonly string[];
  readonly fixed: number;
  /** In the order of `priorDays`. */
  readonly live: readonly number[];
  /** One per member, used alone. */
  readonly alone: readonly number[];
  readonly origins: number;
}

const SCORED = [0.1, 0.5, 0.9].map((level) => [level, indexOfLevel(QUANTILES, level)] as const);

/**
 * Trains once, then forecasts every `stride` steps to the end, both with the trained weights and with weights that follow the members'
 * errors. Undefined when the history is too short for more than one member.
 */
export async function replayBlend(options: BlendReplay): Promise<BlendScores | undefined> {
  const { load, weather, zone, trainTo, steps, stride, priorDays } = options;
  const schema = schemaFor(RECIPE, { steps, stepS: load.stepS }, { weather, end: trainTo });
  const trained = await forecastTasks.trainForecast({
    load: { ...load, values: load.values.slice(0, trainTo) },
    weather: weather && weatherWithin(weather, 0, trainTo),
    schema,
    zone,
    levels: QUANTILES,
    recipe: RECIPE,
    withMembers: true,
  });
  const { blend } = trained;
  if (blend === undefined) return undefined;
  const shape = { steps, stepS: load.stepS, quantiles: [...QUANTILES], blend };
  const inference = inlineInference(new VirtualClock(0).machine);
  unwrap(await inference.load('model', trained.onnx));
  const source = new FeatureSource(schema, load, new LocalCalendar(zone), weather);
  const live = priorDays.map((days) => new LiveBlend(shape, days));
  const alone = blend.members.map((_, m) => only(blend, m));
  const losses = new Float64Array(1 + live.length + alone.length);
  let [count, absolute, origins] = [0, 0, 0];
  for (let next = trainTo; next + steps <= load.values.length; next += stride) {
    const start = load.start + next * load.stepS * 1000;
    for (const each of live) each.settle(start, (time) => valueAt(load, time));
    const { output: said } = unwrap(await inference.run('model', source.row(next), 1, 'members'));
    const weights = [blend, ...live.map((each) => each.weights()), ...alone];
    const answers = weights.map((each) => weighted(said, each, shape));
    for (let step = 0; step < steps; step++) {
      const actual = load.values[next + step]!;
      if (Number.isNaN(actual)) continue;
      count++;
      absolute += Math.abs(actual);
      for (const [i, answer] of answers.entries())
        for (const [level, q] of SCORED) losses[i]! += pinball(level, actual, answer[step * QUANTILES.length + q]!) / 3;
    }
    for (const each of live) each.issued(start, said);
    origins++;
  }
  await inference.close();
  const meanLoad = absolute / Math.max(1, count);
  const scores = [...losses].map((loss) => loss / Math.max(1, count) / meanLoad);
  return {
    members: blend.members,
    fixed: scores[0]!,
    live: scores.slice(1, 1 + live.length),
    alone: scores.slice(1 + live.length),
    origins,
  };
}

const only = ({ members, groups }: MemberBlend, member: number): MemberBlend => ({
  members,
  groups: groups.map(({ to, weights }) => ({ to, weights: weights.map((_, m) => (m === member ? 1 : 0)) })),
});
