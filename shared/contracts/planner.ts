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
      'what was known of the weather ahead: what had been issued by then, what came, what came with seeded errors of a weather forecast, or nothing; of several forecasts what flatters most',
  },
);
const Limits = Type.Object({ importKw: Type.Number(), exportKw: Type.Number() });

export const ForecastModel = Type.Object({
  id: Type.String(),
  sha256: Nullable(Type.String()),
  members: Type.Record(Type.String(), Type.Number(), { description: 'mean shares over the steps' }),
  weights: Nullable(
    Type.Array(
      Type.Object({
        upTo: Type.String({ description: 'lead time of the end of the last step that has these weights' }),
        members: Type.Record(Type.String(), Type.Number()),
      }),
      {
        description:
          'the weights of the members of the model among each other when the forecast was issued: they follow the trailing 28-day pinball of each; null: they are fixed in the model',
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
        'the steps from `from` on lie beyond the horizon of the model: what has made them, and its own fallback; null where none is shown',
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
  values: Type.Record(Type.String(), Series, { description: 'quantile_P5 ... quantile_P95: one value a step' }),
  mean: Nullable(
    Type.Array(Nullable(Type.Number()), {
      description:
        'one value a step, beside the quantiles: means add up where medians do not, so those of a whole and of its members do (see `reconciled`); null where who made the forecast gave none',
    }),
  ),
  reconciled: Nullable(
    Type.Object(
      {
        series: Type.Integer({ description: 'forecasts that add up with it, itself included' }),
        of: Type.String({
          description:
            'what says how errors go together: `forecasts` that were issued, the `mean of the week` where these are too few, or `none`',
        }),
        paths: Type.Integer({ description: 'joint paths of past errors' }),
      },
      { description: 'how the forecast was made to add up with those issued at once; null: it stands as it was made' },
    ),
  ),
  components: Nullable(
    Type.Object(
      { solar: Series, wind: Series, other: Series },
      {
        description: 'medians that add up to quantile_P50; null where weather does not allow a split, step by step too',
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
    description: 'quantile_P5 ... quantile_P95: one value a step; of history quantile_P50 alone, the load itself',
  }),
});

export const ScenarioSummary = Type.Object({
  peakKw: Type.Number(),
  peakAt: Type.String(),
  energyMwh: Type.Number(),
  hoursAboveLimit: Nullable(Type.Number()),
  energyAboveLimitMwh: Nullable(Type.Number()),
  simultaneity: Type.Number(),
  durationCurve: Type.Array(Type.Array(Type.Number()), { description: 'share of the time, and kW passed in it' }),
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
    { description: 'over the whole of the base in steps of 15 min, whatever part of it is shown' },
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
  },
  {
    additionalProperties: Type.Union([Type.Number(), Type.Null()]),
    description: 'and a number for each quantile_P* and for the mean',
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
      'when the cloud had stored the last of what the value is made of; of imported history the end of its interval',
  }),
});
export type MeasuredSeries = Immutable<Static<typeof MeasuredSeries>>;

/** A row of GET /v1/scorecards. */
export const ScoreRow = Type.Object(
  {
    target: Type.String({ description: 'of a level substation:* and the like' }),
    level: Type.Optional(
      Type.String({ description: 'region, substation, feeder or rest; absent: a target by itself' }),
    ),
    targets: Type.Optional(Type.Integer({ description: 'of a level: how many, each counting the same' })),
    model: Type.Union([Type.String(), Type.Null()], { description: 'null: our own, whichever they were' }),
    leadTime: Type.Union([Type.String(), Type.Null()], {
      description: 'lead times to this one, above the class before; null: pooled, or by availableAt',
    }),
    n: Type.Integer(),
    excluded: Type.Object({ badQuality: Type.Integer(), outage: Type.Integer(), missing: Type.Integer() }),
    fallbackShare: Type.Number(),
    maeKw: Type.Number(),
    biasKw: Type.Number(),
    rmseKw: Type.Number(),
    nMae: Type.Number({ description: 'over the mean |load|, as pinball' }),
    rMae: Type.Number({ description: 'over P99 less P1 of the load of the 92 days up to the end, as both rCrps' }),
    pinball: Type.Number({ description: 'mean of P10, P50 and P90' }),
    rCrps: Type.Number(),
    rCrpsPeakWeighted: Type.Number({ description: 'each step weighed by |load| over its P99, from 0.1 to 1' }),
    coverage: Type.Record(Type.String(), Type.Number()),
    width80: Type.Number(),
    weather: WeatherKind,
    skill: Nullable(Type.Object({ bestNaive: Type.Number(), ci95: Type.Array(Type.Number()), naive: Type.String() })),
  },
  { additionalProperties: true },
);
export type ScoreRow = Immutable<Static<typeof ScoreRow>>;
