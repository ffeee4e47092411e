import { Type, type Static } from 'typebox';
import { Id } from '../../shared/contracts/ids.ts';

const closed = { additionalProperties: false } as const;
const maybe = Type.Optional;
const text = (description: string) => Type.String({ minLength: 1, maxLength: 300, description });
/** A name of the network. Many programs use numbers, and YAML reads those as numbers. */
const inNetwork = (description: string) =>
  Type.Union([Type.String({ minLength: 1, maxLength: 120 }), Type.Number()], { description });
const magnitude = (description: string) => Type.Number({ minimum: 0, description, magnitude: true });

const Place = Type.Object(
  {
    bus: maybe(inNetwork('bus of the network at which it stands; a weather station stands at none')),
    efficiency: maybe(Type.Number({ exclusiveMinimum: 0, maximum: 1, description: 'of a battery, one way' })),
    interventionEurPerKwh: maybe(
      magnitude('what acting against the wish of its owner costs, EUR/kWh; absent: as plans weigh its type'),
    ),
    stepKvar: maybe(magnitude('what a step of a capacitor bank feeds in at 1 pu, kvar')),
    bandPu: maybe(magnitude("half of the band in which a tap changer's controller rests, pu")),
    dropPu: maybe(magnitude("a tap changer's line-drop compensation at rated import, pu")),
    movesPerDay: maybe(
      Type.Integer({ minimum: 0, description: 'most moves of a tap changer or capacitor bank a day' }),
    ),
    meterErrorPct: maybe(
      Type.Number({ exclusiveMinimum: 0, maximum: 100, description: 'standard error of its meter, % of reading' }),
    ),
    meterIntervalS: maybe(Type.Number({ exclusiveMinimum: 0, description: 'time between its readings, s' })),
  },
  closed,
);

const FeederPlan = Type.Object(
  {
    guarded: Type.String({
      pattern: '^feeder-[0-9]+$',
      description: "the feeder head's name in the gateway's file: feeder-1, feeder-2, ...; the feeder has its number",
    }),
    headBranch: inNetwork('first branch of the feeder in the network'),
    name: maybe(text('name for people')),
  },
  closed,
);

const SubstationPlan = Type.Object(
  {
    id: Id,
    name: text('name for people'),
    network: text('file of the network, in any format that "loadstone grid import" reads; relative to this file'),
    gateway: text("the gateway's own configuration (YAML), from which devices, meters and limits are taken"),
    transformer: maybe(
      inNetwork('the transformer of the substation in the network; absent: the only one, or the first'),
    ),
    feeders: Type.Array(FeederPlan, { minItems: 1, description: 'where each feeder begins' }),
    devices: Type.Record(Type.String(), Place, {
      default: {},
      description: "where each device of the gateway's file stands in the network, by its id",
    }),
  },
  closed,
);

/** The plan of a region as a person writes it: where networks and gateways' files are, and how they belong together. */
export const RegionPlan = Type.Object(
  {
    id: Id,
    name: text('name for people'),
    timezone: text('IANA name'),
    holidays: maybe(
      Type.Object(
        {
          country: Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166, such as NL' }),
          subdivision: maybe(Type.String({ pattern: '^[A-Za-z0-9]{1,4}$', description: 'such as BY' })),
        },
        closed,
      ),
    ),
    limits: Type.Object(
      {
        importKw: magnitude('most that the region may take from the transmission grid, kW'),
        exportKw: magnitude('most that it may give to it, kW'),
      },
      { ...closed, description: 'of the region as a whole; only the cloud knows it' },
    ),
    profile: Type.Union([Type.Literal('dso'), Type.Literal('community')], {
      default: 'dso',
      description: 'whose costs plans weigh',
    }),
    substations: Type.Array(SubstationPlan, { minItems: 1, description: 'one for each gateway' }),
  },
  closed,
);
type Read = Static<typeof RegionPlan>;

type Named<T, K extends keyof T> = Omit<T, K> & { readonly [P in K]: Exclude<T[P], number> };
type Place = Named<Static<typeof Place>, 'bus'>;
type ReadSubstation = Read['substations'][number];
export interface SubstationPlan extends Omit<ReadSubstation, 'transformer' | 'feeders' | 'devices'> {
  readonly transformer?: string;
  readonly feeders: readonly Named<ReadSubstation['feeders'][number], 'headBranch'>[];
  readonly devices: Readonly<Record<string, Place>>;
}
/** The same with every name of a network as text. */
export interface NamedPlan extends Omit<Read, 'substations'> {
  readonly substations: readonly SubstationPlan[];
}

/** Turns numbers that are names of the network into text. */
export function named({ substations, ...whole }: Read): NamedPlan {
  return {
    ...whole,
    substations: substations.map(({ transformer, feeders, devices, ...rest }) => ({
      ...rest,
      ...(transformer === undefined ? {} : { transformer: String(transformer) }),
      feeders: feeders.map((each) => ({ ...each, headBranch: String(each.headBranch) })),
      devices: Object.fromEntries(
        Object.entries(devices).map(([id, { bus, ...place }]) => [
          id,
          bus === undefined ? place : { ...place, bus: String(bus) },
        ]),
      ),
    })),
  };
}
