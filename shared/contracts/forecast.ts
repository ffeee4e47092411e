import { SentenceList } from './sentence.ts';
import { Type, type Static } from 'typebox';
import type { Immutable } from './immutable.ts';
import { MemberBlend } from './model.ts';
import { Nullable } from './nullable.ts';

/** Only `issued` forecasts are dispatched and count as the newest. `external` ones come from another system and are scored beside ours. */
export const ForecastKind = Type.Union([
  Type.Literal('issued'),
  Type.Literal('reconstruction'),
  Type.Literal('scenario'),
  Type.Literal('external'),
]);
export type ForecastKind = Static<typeof ForecastKind>;

/** The load that is forecast: without our devices, with the plan on top, or as the meter will read. */
export const ForecastLoad = Type.Union([Type.Literal('uncontrolled'), Type.Literal('planned'), Type.Literal('net')]);
export type ForecastLoad = Static<typeof ForecastLoad>;

const Fallback = Type.Object({
  /** What answers in place of the model; `substitutedInput`: the model itself, but much of its input is no measurement of its meter. */
  level: Type.Union([
    Type.Literal('substitutedInput'),
    Type.Literal('linear'),
    Type.Literal('sameHourMean'),
    Type.Literal('lastGood'),
  ]),
  reason: Type.String(),
  since: Type.Number(),
});
export type ForecastFallback = Immutable<Static<typeof Fallback>>;

/** Share of the last days' values that lay between P10 and P90. */
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
  /** Weights of the model's members in this forecast. Absent if they are fixed in the model or it has no members. */
  blend: Type.Optional(MemberBlend),
});

const Extension = Type.Object({
  /** Start of the first extended step, ms UTC. */
  from: Type.Number(),
  model: Model,
  /** Why the intended source of the extension was not used. */
  fallback: Nullable(Fallback),
});
export type ForecastExtension = Immutable<Static<typeof Extension>>;

const Series = Type.Array(Type.Number());

/** A forecast as issued, immutable. Power in kW, load convention; times in ms UTC, plant time. */
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
  /** [quantile][step], kW. Quantiles never cross. */
  values: Type.Array(Series),
  /** [step], kW. Reconciled means add up. Absent if the source of the forecast gives none. */
  mean: Type.Optional(Series),
  /** Absent if the forecast was not reconciled; its mean then need not add up with those of others. */
  reconciled: Type.Optional(
    Type.Object({
      /** The mean before reconciliation, [step], kW. */
      before: Series,
      /** Factor applied to the spread, [step]. */
      spread: Series,
      /** Number of series that were reconciled together, including this one. */
      series: Type.Integer(),
      /** Source of the joint distribution of errors, and its number of paths. `none`: errors count as independent. */
      of: Type.Union([Type.Literal('forecasts'), Type.Literal('mean of the week'), Type.Literal('none')]),
      paths: Type.Integer(),
    }),
  ),
  model: Model,
  weather: Nullable(
    Type.Object({
      source: Type.String(),
      issuedAt: Type.Number(),
      /** True: actual weather, which a real forecast could not have known. */
      hindcast: Type.Boolean(),
      /** Actual weather with simulated errors of a weather forecast after the origin. */
      degraded: Type.Optional(Type.Literal(true)),
    }),
  ),
  /** Share of the inputs that were available, 0 to 1. */
  inputCompleteness: Type.Number(),
  fallback: Nullable(Fallback),
  calibration: Nullable(ForecastCalibration),
  warnings: Type.Array(Type.String()),
  /** Codes and values of `fallback.reason` and the warnings. Absent if there are none, or if an older version made the forecast. */
  sentences: Type.Optional(SentenceList),
  /** Source of the steps beyond the models' horizon. Absent if there are none. */
  extension: Type.Optional(Extension),
  /**
   * The median split by weather, [step], kW; the three parts add up to it. Shorter than the values if the weather ends earlier. Absent if
   * the weather does not allow a split.
   */
  components: Type.Optional(Type.Object({ solar: Series, wind: Series, other: Series })),
});
export type Forecast = Immutable<Static<typeof Forecast>>;
