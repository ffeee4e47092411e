import { Type, type Static } from 'typebox';

const closed = { additionalProperties: false } as const;

/** Minimum and maximum of a uniform draw. */
export const Range = (least: number, most: number, description: string) =>
  Type.Tuple([Type.Number({ minimum: least, maximum: most }), Type.Number({ minimum: least, maximum: most })], {
    description,
  });
export type Range = readonly [number, number];

/** A shared limit this wide is none. */
export const NO_LIMIT_KW = 1e6;

/** Events of a run, for every arm. Absent events do not happen. */
export const Scenario = Type.Object(
  {
    window: Type.Union([Type.Literal('noon'), Type.Literal('evening'), Type.Literal('either')], {
      default: 'either',
      description: 'start of a run shorter than a day: noon is 10 h UTC, evening is 16 h UTC',
    }),
    spikes: Type.Object(
      {
        count: Range(0, 20, 'number of spikes'),
        share: Type.Optional(
          Range(0, 5, 'size as a share of the feeder load, added within a second; default 0.2 to 1.5'),
        ),
        minutes: Type.Optional(Range(0.5, 1440, 'duration of each; default 5 to 30')),
        everyFeeder: Type.Optional(
          Type.Boolean({ description: 'spikes go through the feeders in turn instead of drawn ones' }),
        ),
      },
      { ...closed, default: { count: [0, 0] }, description: 'load that no forecast contains' },
    ),
    wan: Type.Optional(
      Type.Object(
        {
          latencyS: Type.Optional(Range(0, 60, 'one-way latency, s, throughout the run')),
          lossShare: Type.Optional(Range(0, 1, 'share of messages lost, one way')),
          outageHours: Type.Optional(Range(0, 24, 'duration of a WAN outage')),
        },
        { ...closed, description: 'link between sites and cloud; absent: a good link' },
      ),
    ),
    accessDownMinutes: Type.Optional(Range(0, 1440, 'duration of an outage of the access network to the devices')),
    gatewayLostMinutes: Type.Optional(Range(0, 1440, 'duration for which the computer of one site is dead')),
    darkMinutes: Type.Optional(Range(1, 1440, 'duration of a feeder outage; power returns with cold load')),
    transfer: Type.Optional(
      Type.Object(
        { share: Range(0, 2, 'share of the load of the feeder'), minutes: Range(1, 1440, 'duration') },
        { ...closed, description: 'a feeder takes over load from a neighbour' },
      ),
    ),
    lyingMeter: Type.Optional(Type.Boolean({ description: 'one meter reads a fifth off, regardless of the seed' })),
    forecastOff: Type.Optional(Range(0, 1, 'share by which the load of the day deviates from history, up or down')),
    loadFactor: Type.Optional(Range(0.2, 2, 'factor on the recorded load')),
    temperatureC: Type.Optional(Range(-30, 30, 'offset on the ambient temperature, °C')),
    sunSpread: Type.Optional(Range(0, 5, 'factor on the recorded spread of the sun within 15 min')),
    sharedImportKw: Type.Optional(Range(0, NO_LIMIT_KW, 'replaces the limit of the unit; 1000000 means none')),
    sharedExportKw: Type.Optional(Range(0, NO_LIMIT_KW, 'replaces the limit of the unit; 1000000 means none')),
  },
  { ...closed, title: 'A scenario of the proof' },
);
export type Scenario = Static<typeof Scenario>;
