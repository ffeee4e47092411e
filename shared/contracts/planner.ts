import { SentenceList } from './sentence.ts';
import { Type, type Static } from 'typebox';
import { ForecastCalibration, ForecastKind } from './forecast.ts';
import type { Immutable } from './immutable.ts';
import { Nullable } from './nullable.ts';

/** Answers of the planner API. Times are RFC 3339, durations ISO 8601; power is positive for consumption. */
export const SIGN_CONVENTION = 'consumption-positive';

export const Unit = Type.Union([Type.Literal('kW'), Type.Literal('MW')]);

const Series = Type.Array(Nullable(Type.Number()));
export const WeatherKind = Type.Union(
  [Type.Literal('vintage'), Type.Literal('actual'), Type.Literal('degraded'), Type.Literal('none')],
  {
    description:
      'the weather that the forecast knew: vintage, as issued by then; actual, as it came; degraded, as it came with seeded forecast errors; or none. Over several forecasts, the kind that flatters most',
  },
);
const Limits = Type.Object({ importKw: Type.Number(), exportKw: Type.Number() });

export const ForecastModel = Type.Object({
  id: Type.String(),
  sha256: Nullable(Type.String()),
  members: Type.Record(Type.String(), Type.Number(), { description: 'mean share of each member over the steps' }),
  weights: Nullable(
    Type.Array(
      Type.Object({
        upTo: Type.String({ description: 'lead time at the end of the last step with these weights' }),
        members: Type.Record(Type.String(), Type.Number()),
      }),
      {
        description:
          'relative weights of the members of the model when the forecast was issued, from the pinball loss of each over the last 28 days; null: fixed in the model',
      },
    ),
  ),
});

export const Fallback = Nullable(Type.Object({ level: Type.String(), reason: Type.String(), since: Type.String() }));

/** Source of the steps beyond the models' horizon. */
export const Extension = Nullable(
  Type.Object(
    { from: Type.String(), model: ForecastModel, fallback: Fallback },
    {
      description:
        'source of the steps from `from` on, which lie beyond the horizon of the model, with its own fallback; null if no such step is shown',
    },
  ),
);

/** A forecast, one value per step. */
export const ForecastAnswer = Type.Object({
  id: Type.String(),
  kind: ForecastKind,
  target: Type.Union([Type.String(), Type.Object({ sumOf: Type.Array(Type.String()) })]),
  load: Type.String(),
  issuedAt: Type.String(),
  dataUpTo: Type.String(),
  start: Type.String(),
  resolution: Type.String(),
  unit: Unit,
  signConvention: Type.Literal(SIGN_CONVENTION),
  values: Type.Record(Type.String(), Series, { description: 'quantile_P5 ... quantile_P95: one value per step' }),
  mean: Nullable(
    Type.Array(Nullable(Type.Number()), {
      description:
        'one value per step. Unlike medians, means add up: those of the members give that of the whole (see `reconciled`); null if the forecast came without one',
    }),
  ),
  reconciled: Nullable(
    Type.Object(
      {
        series: Type.Integer({ description: 'number of forecasts that add up, including this one' }),
        of: Type.String({
          description:
            'source of the error correlations: issued `forecasts`, the `mean of the week` if these are too few, or `none`',
        }),
        paths: Type.Integer({ description: 'number of joint paths of past errors' }),
      },
      { description: 'how the forecast was made to add up with those issued at the same time; null: it was not' },
    ),
  ),
  components: Nullable(
    Type.Object(
      { solar: Series, wind: Series, other: Series },
      {
        description:
          'medians that add up to quantile_P50; null where the weather does not allow a split, also for single steps',
      },
    ),
  ),
  limits: Nullable(Limits),
  probabilityAboveImport: Nullable(Type.Array(Type.Number())),
  probabilityAboveExport: Nullable(Type.Array(Type.Number())),
  peak: Nullable(
    Type.Object({
      import: Type.Object({ quantile_P50: Type.Number(), quantile_P95: Type.Number(), at: Type.String() }),
    }),
  ),
  model: ForecastModel,
  extension: Extension,
  weather: Nullable(
    Type.Object({
      source: Type.String(),
      issuedAt: Type.String(),
      hindcast: Type.Boolean(),
      degraded: Type.Optional(Type.Literal(true)),
    }),
  ),
  weatherKind: WeatherKind,
  inputCompleteness: Type.Number(),
  fallback: Fallback,
  calibration: Nullable(ForecastCalibration),
  warnings: Type.Array(Type.String()),
  /** Codes and values of `fallback.reason` and the warnings. */
  sentences: Type.Optional(SentenceList),
});
export type ForecastAnswer = Immutable<Static<typeof ForecastAnswer>>;

const ScenarioSeries = Type.Object({
  values: Type.Record(Type.String(), Series, {
    description: 'quantile_P5 ... quantile_P95: one value per step; for history only quantile_P50, the load itself',
  }),
});

export const ScenarioSummary = Type.Object({
  peakKw: Type.Number(),
  peakAt: Type.String(),
  energyMwh: Type.Number(),
  hoursAboveLimit: Nullable(Type.Number({ description: 'above the import limit' })),
  energyAboveLimitMwh: Nullable(Type.Number({ description: 'above the import limit' })),
  hoursAboveExportLimit: Type.Optional(Nullable(Type.Number())),
  energyAboveExportLimitMwh: Type.Optional(Nullable(Type.Number())),
  simultaneity: Nullable(
    Type.Number({ description: 'peak over the sum of the peaks of base and changes; null if none of them consumes' }),
  ),
  durationCurve: Type.Array(Type.Array(Type.Number()), {
    description: 'pairs of a share of the time and the power that is exceeded during it, kW',
  }),
});
export type ScenarioSummary = Immutable<Static<typeof ScenarioSummary>>;

/** Result of a scenario: the base, and the base with the scenario's changes. */
export const ScenarioAnswer = Type.Object({
  id: Type.String(),
  kind: Type.Literal('scenario'),
  scenarioId: Type.String(),
  target: Type.String(),
  load: Type.Literal('uncontrolled'),
  start: Type.String(),
  resolution: Type.String(),
  unit: Unit,
  signConvention: Type.Literal(SIGN_CONVENTION),
  base: ScenarioSeries,
  scenario: ScenarioSeries,
  summary: Type.Object(
    { base: ScenarioSummary, scenario: ScenarioSummary },
    { description: 'over the whole base in steps of 15 min, whatever part is shown' },
  ),
  limits: Nullable(Limits),
  warnings: Type.Array(Type.String()),
});
export type ScenarioAnswer = Immutable<Static<typeof ScenarioAnswer>>;

/** A scenario and its changes. */
export const ScenarioView = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    base: Type.Object(
      { kind: Type.Union([Type.Literal('forecast'), Type.Literal('history')]) },
      { additionalProperties: true },
    ),
    createdAt: Type.String(),
  },
  { additionalProperties: true },
);
export type ScenarioView = Immutable<Static<typeof ScenarioView>>;

/** A row of GET /v1/forecasts. */
export const VintageRow = Type.Object(
  {
    target: Type.String(),
    start: Type.String(),
    issuedAt: Type.String(),
    forecastId: Type.String(),
    leadTimeS: Type.Integer(),
    isFallback: Type.Boolean(),
    weather: WeatherKind,
    model: Type.Optional(Type.String({ description: 'the system, as external:openstef; only with kind=external' })),
    load: Type.Optional(Type.String({ description: 'uncontrolled or net; only with kind=external' })),
  },
  {
    additionalProperties: Type.Union([Type.Number(), Type.Null()]),
    description: 'plus a number for each quantile_P* and for the mean',
  },
);
export type VintageRow = Immutable<Static<typeof VintageRow>>;

/** A measured series, one value per step. */
export const MeasuredSeries = Type.Object({
  target: Type.String(),
  load: Type.String(),
  start: Type.String(),
  resolution: Type.String(),
  unit: Unit,
  signConvention: Type.String(),
  values: Series,
  quality: Type.Array(Type.String()),
  origin: Type.Array(Type.String()),
  receivedAt: Type.Array(Type.Union([Type.String(), Type.Null()]), {
    description:
      'when the cloud had stored everything that the value is made of; for imported history the end of its interval',
  }),
});
export type MeasuredSeries = Immutable<Static<typeof MeasuredSeries>>;

/** A row of GET /v1/scorecards. */
export const ScoreRow = Type.Object(
  {
    target: Type.String({ description: 'for a level: substation:* or similar' }),
    level: Type.Optional(
      Type.String({ description: 'region, substation, feeder or rest; absent for a single target' }),
    ),
    targets: Type.Optional(
      Type.Integer({ description: 'for a level: number of its targets, which have equal weight' }),
    ),
    model: Type.Union([Type.String(), Type.Null()], { description: 'null: all our own models pooled' }),
    leadTime: Type.Union([Type.String(), Type.Null()], {
      description: 'lead times up to this one and above the previous class; null: pooled, or selected by availableAt',
    }),
    n: Type.Integer(),
    excluded: Type.Object({ badQuality: Type.Integer(), outage: Type.Integer(), missing: Type.Integer() }),
    fallbackShare: Type.Number(),
    maeKw: Type.Number(),
    biasKw: Type.Number(),
    rmseKw: Type.Number(),
    nMae: Type.Number({ description: 'MAE / mean |load|; pinball is scaled the same way' }),
    rMae: Type.Number({
      description:
        'mean of |error| / (P99 - P1 of the load over the 92 days up to the end of the day of the step, UTC); both rCrps are scaled the same way',
    }),
    pinball: Type.Number({ description: 'mean of P10, P50 and P90' }),
    rCrps: Type.Number(),
    rCrpsPeakWeighted: Type.Number({ description: 'each step is weighted by |load| / P99 of |load|, from 0.1 to 1' }),
    coverage: Type.Record(Type.String(), Type.Number()),
    width80: Type.Number(),
    weather: WeatherKind,
    skill: Nullable(Type.Object({ bestNaive: Type.Number(), ci95: Type.Array(Type.Number()), naive: Type.String() })),
  },
  { additionalProperties: true },
);
export type ScoreRow = Immutable<Static<typeof ScoreRow>>;
