import { Type, type Static } from 'typebox';

const Time = (example: string) => Type.String({ maxLength: 40, description: 'RFC 3339', examples: [example] });

export const ExportBody = Type.Object(
  {
    kind: Type.Union(
      [
        Type.Literal('forecasts'),
        Type.Literal('measurements'),
        Type.Literal('scorecards'),
        Type.Literal('training'),
        Type.Literal('features'),
      ],
      {
        description:
          'training: load as models learn from it, without outages and bad values, with the weather known then; features: the same as rows of the feature schema, one per origin and step, with the measured load',
      },
    ),
    target: Type.String({
      maxLength: 2000,
      description: 'comma-separated targets; substation:* for all, sum:feeder:whf-1+substation:owd for a sum',
      examples: ['substation:*'],
    }),
    start: Time('2021-09-01T00:00:00Z'),
    end: Time('2021-09-25T00:00:00Z'),
    format: Type.Optional(Type.Union([Type.Literal('parquet'), Type.Literal('csv')])),
    resolution: Type.Optional(Type.Union([Type.Literal('PT15M'), Type.Literal('PT30M'), Type.Literal('PT1H')])),
    unit: Type.Optional(Type.Union([Type.Literal('kW'), Type.Literal('MW')])),
    load: Type.Optional(
      Type.Union([Type.Literal('net'), Type.Literal('uncontrolled')], { description: 'only for measurements' }),
    ),
    asOf: Type.Optional(Time('2021-09-25T00:00:00Z')),
    leadTime: Type.Optional(Type.String({ maxLength: 20, description: 'only for forecasts', examples: ['PT24H'] })),
    availableAt: Type.Optional(
      Type.String({
        maxLength: 100,
        description: 'only for forecasts and scorecards',
        examples: ['D-1T0600[Europe/Amsterdam]'],
      }),
    ),
    vintages: Type.Optional(Type.Union([Type.Literal('newest'), Type.Literal('all')])),
    quantiles: Type.Optional(
      Type.String({ pattern: '^0?\\.[0-9]+(,0?\\.[0-9]+)*$', maxLength: 200, examples: ['0.1,0.5,0.9'] }),
    ),
    role: Type.Optional(
      Type.Union([Type.Literal('cloud'), Type.Literal('gateway')], {
        description: 'only for features; cloud: 192 steps with weather, gateway: 96 without',
      }),
    ),
    weather: Type.Optional(
      Type.Union([Type.Literal('vintage'), Type.Literal('none')], {
        description: 'only for features of the role cloud',
      }),
    ),
    originEvery: Type.Optional(
      Type.String({
        maxLength: 20,
        description: 'only for features: time between origins; default PT3H',
        examples: ['PT3H'],
      }),
    ),
    timezone: Type.Optional(Type.String({ maxLength: 64, examples: ['Europe/Amsterdam'] })),
    excel: Type.Optional(Type.Boolean()),
  },
  {
    additionalProperties: false,
    title: 'ExportRequest',
    examples: [
      {
        kind: 'forecasts',
        target: 'substation:*',
        start: '2021-09-24T00:00:00Z',
        end: '2021-09-25T00:00:00Z',
        leadTime: 'PT24H',
        format: 'parquet',
      },
    ],
  },
);
export type ExportBody = Static<typeof ExportBody>;

/** An accepted export: the request, the targets that the caller may read, and the time of the request. */
export interface ExportTask {
  readonly owner: string;
  readonly body: ExportBody;
  readonly targets: readonly string[];
  /** Plant time, ms UTC. */
  readonly askedAt: number;
}
