import { Type, type Static } from 'typebox';

const Sqlite = Type.Object(
  { kind: Type.Literal('sqlite', { description: 'embedded store in a thread of its own, for up to 10,000 points/s' }) },
  { description: 'the embedded store' },
);

const Influx = Type.Object({
  kind: Type.Literal('influxdb'),
  url: Type.String({ pattern: '^https?://', description: 'http or https address of the server' }),
  database: Type.String({
    minLength: 1,
    description: 'database (1.x), or the name whose DBRP mapping names the bucket (2.x, 3.x)',
  }),
  api: Type.Union([Type.Literal('auto'), Type.Literal('v1'), Type.Literal('v2')], {
    default: 'auto',
    description: 'write API: v1 uses /write?db=, v2 uses /api/v2/write, auto decides by the version of the server',
  }),
  org: Type.String({ default: 'loadstone', description: 'organisation (2.x)' }),
  tokenFile: Type.Optional(Type.String({ description: 'file with the token; never the token itself' })),
});

/** The store for measurements. */
export const TelemetryConfig = Type.Union([Sqlite, Influx], { default: { kind: 'sqlite' } });
export type TelemetryConfig = Static<typeof TelemetryConfig>;
export type InfluxConfig = Static<typeof Influx>;
