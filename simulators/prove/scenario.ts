import { Type, type Static } from 'typebox';

const closed = { additionalProperties: false } as const;

/** Minimum and maximum of a uniform draw. */
export const Range = (least: number, most: number, description: string) =>
  Type.Tuple([Type.Number({ minimum: least, maximum: most }), Type.Number({ minimum: least, maximum: most })], {
    description,
  });
export type Range = readonly [number, number];

/** Events of a run, for every arm. Absent events do not happen. */
export const Scenario = Type.Object(
  {
    window: Type.Union([Type.Literal('noon'), Type.Literal('evening'), Type.Literal('either')], {
      default: 'either',
      description: 'part of the day in which a run shorter than a day stands: from 10 or from 16 h UTC',
    }),
    spikes: Type.Object(
      {
        count: Range(0, 20, 'how many'),
        share: Type.Optional(Range(0, 5, 'of the load of the feeder, added within a second; default 0.2 to 1.5')),
        minutes: Type.Optional(Range(0.5, 1440, 'how long each lasts; default 5 to 30')),
        everyFeeder: Type.Optional(Type.Boolean({ description: 'one feeder after the other instead of drawn ones' })),
      },
      { ...closed, default: { count: [0, 0] }, description: 'load that nobody foresees' },
    ),
    wan: Type.Optional(
      Type.Object(
        {
          latencyS: Type.Optional(Range(0, 60, 'one way, s, all along')),
          lossShare: Type.Optional(Range(0, 1, 'of messages, one way')),
          outageHours: Type.Optional(Range(0, 24, 'the WAN is down for so long')),
        },
        { ...closed, description: 'between sites and cloud; absent: a good link' },
      ),
    ),
    accessDownMinutes: Type.Optional(Range(0, 1440, 'the access network to the devices is down')),
    gatewayLostMinutes: Type.Optional(Range(0, 1440, 'the computer of one site is dead')),
    darkMinutes: Type.Optional(Range(1, 1440, 'a feeder is dark, and comes back with cold load')),
    transfer: Type.Optional(
      Type.Object(
        { share: Range(0, 2, 'of the load of the feeder'), minutes: Range(1, 1440, 'how long') },
        { ...closed, description: 'a feeder takes over load of a neighbour' },
      ),
    ),
    lyingMeter: Type.Optional(Type.Boolean({ description: 'one meter is off by a fifth, whatever the seed draws' })),
    forecastOff: Type.Optional(Range(0, 1, 'the day has so much more or less load than history lets expect')),
    loadFactor: Type.Optional(Range(0.2, 2, 'load over that of the record')),
    temperatureC: Type.Optional(Range(-30, 30, 'added to the ambient temperature')),
    sunSpread: Type.Optional(Range(0, 5, 'spread of the sun within 15 min, over that of the record')),
    sharedImportKw: Type.Optional(Range(0, 1e6, 'in the place of the limit of the unit')),
    sharedExportKw: Type.Optional(Range(0, 1e6, 'in the place of the limit of the unit')),
  },
  { ...closed, title: 'A scenario of the proof' },
);
export type Scenario = Static<typeof Scenario>;
