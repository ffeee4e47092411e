import { Type, type Static } from 'typebox';

const Sqlite = Type.Object(
  { kind: Type.Literal('sqlite', { description: 'embedded, in its own thread; good to 10,000 points/s' }) },
  { description: 'the embedded store' },
);

const Influx = Type.Object({
  kind: Type.Literal('influxdb'),
  url: Type.String({ pattern: '^https?://', description: 'http or https address of the server' }),
  database: Type.String({
    minLength: 1,
    description: 'database (1.x) or the bucket that its DBRP mapping names (2.x, 3.x)',
  }),
  api: Type.Union([Type.Literal('auto'), Type.Literal('v1'), Type.Literal('v2')], {
    default: 'auto',
    description: 'auto asks the server for its version; v1 writes to /write?db=, v2 to /api/v2/write',
  }),
  org: Type.String({ default: 'loadstone', description: 'organisation (2.x)' }),
  tokenFile: Type.Optional(Type.String({ description: 'file that holds the token; never the token itself' })),
});

/** The store for measurements. */
export const TelemetryConfig = Type.Union([Sqlite, Influx], { default: { kind: 'sqlite' } });
export type TelemetryConfig = Static<typeof TelemetryConfig>;
