import { SentenceList } from './sentence.ts';
import { Type, type Static } from 'typebox';
import type { Immutable } from './immutable.ts';
import { MemberBlend } from './model.ts';
import { Nullable } from './nullable.ts';

/** Only `issued` ones are dispatched and answer for the newest; `external` ones are another system's, scored beside ours. */
export const ForecastKind = Type.Union([
  Type.Literal('issued'),
  Type.Literal('reconstruction'),
  Type.Literal('scenario'),
  Type.Literal('external'),
]);
export type ForecastKind = Static<typeof ForecastKind>;

/** What is forecast: the load without our devices, with the plan on top, or as the meter will read. */
export const ForecastLoad = Type.Union([Type.Literal('uncontrolled'), Type.Literal('planned'), Type.Literal('net')]);
export type ForecastLoad = Static<typeof ForecastLoad>;

const Fallback = Type.Object({
  level: Type.Union([Type.Literal('linear'), Type.Literal('sameHourMean'), Type.Literal('lastGood')]),
  reason: Type.String(),
  since: Type.Number(),
});
export type ForecastFallback = Immutable<Static<typeof Fallback>>;

/** Share of the last days' values that the band from P10 to P90 held. */
export const ForecastCalibration = Type.Object({
  window: Type.String(),
  coverage80: Type.Number(),
  n: Type.Integer(),
});

const Model = Type.Object({
  id: Type.String(),
  sha256: Nullable(Type.String()),
  /** Mean shares over the steps. */
  members: Type.Record(Type.String(), Type.Number()),
  /** The weights that the model's members had in it; absent: those that are fixed in the model, or it has no members. */
  blend: Type.Optional(MemberBlend),
});

const Extension = Type.Object({
  /** Start of the first step that it has made, ms UTC. */
  from: Type.Number(),
  model: Model,
  /** Why what should have made it has not. */
  fallback: Nullable(Fallback),
});
export type ForecastExtension = Immutable<Static<typeof Extension>>;

const Series = Type.Array(Type.Number());

/** A forecast as issued: immutable. Power in kW, load convention; times in ms UTC, plant time. */
export const Forecast = Type.Object({
  id: Type.String(),
  kind: ForecastKind,
  /** substation:owd, feeder:owd-1, region:north */
  target: Type.String(),
  load: ForecastLoad,
  issuedAt: Type.Number(),
  dataUpTo: Type.Number(),
  /** Start of the first step. */
  start: Type.Number(),
  resolutionS: Type.Number(),
  quantiles: Series,
  /** [quantile][step], kW; never crossing. */
  values: Type.Array(Series),
  /** [step], kW. What is reconciled adds up. Absent: whoever made it knows of none. */
  mean: Type.Optional(Series),
  /** Absent: it stands as it was made, and its mean need not add up with others'. */
  reconciled: Type.Optional(
    Type.Object({
      /** Its mean before, [step], kW. */
      before: Series,
      /** What its spread was multiplied by, [step]. */
      spread: Series,
      /** Series that it adds up with, itself included. */
      series: Type.Integer(),
      /** What says how errors go together, and by how many paths; none: errors count as independent. */
      of: Type.Union([Type.Literal('forecasts'), Type.Literal('mean of the week'), Type.Literal('none')]),
      paths: Type.Integer(),
    }),
  ),
  model: Model,
  weather: Nullable(
    Type.Object({
      source: Type.String(),
      issuedAt: Type.Number(),
      /** True: what came, which a real forecast could not have known. */
      hindcast: Type.Boolean(),
      /** What came, with the errors of a weather forecast behind the origin. */
      degraded: Type.Optional(Type.Literal(true)),
    }),
  ),
  /** Share of the inputs that was there, 0 to 1. */
  inputCompleteness: Type.Number(),
  fallback: Nullable(Fallback),
  calibration: Nullable(ForecastCalibration),
  warnings: Type.Array(Type.String()),
  /** What `fallback.reason` and the warnings are made of; absent: nothing, or an older version made the forecast. */
  sentences: Type.Optional(SentenceList),
  /** What has made the steps beyond the models' horizon; absent: there are none. */
  extension: Type.Optional(Extension),
  /**
   * The median split by weather, [step], kW; the three parts add up to it. It is shorter than the values if the weather ends earlier.
   * Absent: the weather does not allow it.
   */
  components: Type.Optional(Type.Object({ solar: Series, wind: Series, other: Series })),
});
export type Forecast = Immutable<Static<typeof Forecast>>;
