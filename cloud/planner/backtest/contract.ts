import { Type, type Static } from 'typebox';
import { TargetOrSum } from '../inputs/sum-target.ts';
import { WEATHER_MODES } from '../inputs/weather-mode.ts';

export const BacktestBody = Type.Object(
  {
    target: TargetOrSum,
    models: Type.Array(
      Type.String({ maxLength: 80, examples: ['active', 'baseline:seasonal-naive-24', 'baseline:same-hour-mean-7'] }),
      {
        minItems: 1,
        maxItems: 8,
        description:
          'active, model ids of the target, or naive baselines; for a sum only active (those of its members) and naive baselines',
      },
    ),
    start: Type.String({
      maxLength: 40,
      description: 'RFC 3339; first step that is scored',
      examples: ['2021-09-20T00:00:00Z'],
    }),
    end: Type.String({
      maxLength: 40,
      description: 'RFC 3339; must be in the past',
      examples: ['2021-09-24T00:00:00Z'],
    }),
    issue: Type.Optional(
      Type.String({
        maxLength: 100,
        description:
          'when forecasts are issued: an interval, PT6H by default, or a time of an earlier day, such as D-1T0800[Europe/Amsterdam]',
        examples: ['PT6H', 'D-1T0800[Europe/Amsterdam]'],
      }),
    ),
    horizon: Type.Optional(
      Type.String({
        maxLength: 20,
        description:
          'ISO 8601; default PT48H, at most P7D. Beyond 48 h the week-ahead member forecasts, fitted at each issue on data known then',
        examples: ['PT48H', 'P7D'],
      }),
    ),
    resolution: Type.Optional(Type.Union([Type.Literal('PT15M'), Type.Literal('PT30M'), Type.Literal('PT1H')])),
    refit: Type.Optional(
      Type.String({
        maxLength: 20,
        description:
          'how often active is refitted on data known then, such as P7D, by its linear and day-before members alone; default none',
        examples: ['none', 'P7D'],
      }),
    ),
    weather: Type.Optional(
      Type.Enum(WEATHER_MODES, {
        description:
          'vintage (default): weather forecasts available at each issue; actual: observed weather; degraded: observed weather with seeded forecast errors that grow with the lead; none',
      }),
    ),
    seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 31 })),
  },
  {
    additionalProperties: false,
    title: 'BacktestRequest',
    examples: [
      {
        target: 'substation:owd',
        models: ['active', 'baseline:seasonal-naive-24'],
        start: '2021-09-20T00:00:00Z',
        end: '2021-09-24T00:00:00Z',
        issue: 'PT6H',
        horizon: 'PT48H',
        resolution: 'PT15M',
        refit: 'none',
        weather: 'vintage',
      },
    ],
  },
);
export type BacktestBody = Static<typeof BacktestBody>;

/** An accepted backtest. Times in ms UTC of plant time. */
export const BacktestTask = Type.Object({
  target: Type.String(),
  models: Type.Array(Type.String()),
  start: Type.Integer(),
  end: Type.Integer(),
  /** As requested. */
  issue: Type.String(),
  issues: Type.Array(Type.Integer()),
  horizonMs: Type.Integer(),
  resolutionS: Type.Integer(),
  /** Null: none. */
  refitMs: Type.Union([Type.Integer(), Type.Null()]),
  weather: Type.Enum(WEATHER_MODES),
  seed: Type.Integer(),
  importLimitKw: Type.Union([Type.Number(), Type.Null()]),
  zone: Type.String(),
  owner: Type.String(),
});
export type BacktestTask = Static<typeof BacktestTask>;
