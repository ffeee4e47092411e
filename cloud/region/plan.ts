import { Type, type Static } from 'typebox';
import { CalendarDate, Id } from '../../shared/contracts/ids.ts';

const closed = { additionalProperties: false } as const;
const maybe = Type.Optional;
const text = (description: string) => Type.String({ minLength: 1, maxLength: 300, description });
/** A name of the network. Many programs use numbers, and YAML reads those as numbers. */
const inNetwork = (description: string) =>
  Type.Union([Type.String({ minLength: 1, maxLength: 120 }), Type.Number()], { description });
const magnitude = (description: string) => Type.Number({ minimum: 0, description, magnitude: true });

const Place = Type.Object(
  {
    bus: maybe(inNetwork('bus of the network it is connected to; none for a weather station')),
    efficiency: maybe(Type.Number({ exclusiveMinimum: 0, maximum: 1, description: 'one-way efficiency of a battery' })),
    interventionEurPerKwh: maybe(
      magnitude('cost of acting against the wish of its owner, EUR/kWh; absent: cost of its type'),
    ),
    connectedOn: maybe(
      Type.String({
        ...CalendarDate,
        description:
          'date of the connection agreement of a solar plant, such as 2019-04-01; required if curtailment is last-in-first-out',
      }),
    ),
    stepKvar: maybe(magnitude('reactive power of one step of a capacitor bank at 1 pu, kvar')),
    bandPu: maybe(magnitude("half of the dead band of a tap changer's controller, pu")),
    dropPu: maybe(magnitude("a tap changer's line-drop compensation at rated import, pu")),
    movesPerDay: maybe(
      Type.Integer({ minimum: 0, description: 'most moves of a tap changer or capacitor bank per day' }),
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
      description:
        "name of the feeder head in the gateway's file: feeder-1, feeder-2, ...; its number becomes that of the feeder",
    }),
    headBranch: inNetwork('first branch of the feeder in the network'),
    name: maybe(text('display name')),
  },
  closed,
);

const SubstationPlan = Type.Object(
  {
    id: Id,
    name: text('display name'),
    network: text('file of the network, in any format that "loadstone grid import" reads; relative to this file'),
    gateway: text("the gateway's own configuration (YAML), the source of devices, meters and limits"),
    transformer: maybe(inNetwork('transformer of the substation in the network; absent: the first one')),
    feeders: Type.Array(FeederPlan, { minItems: 1, description: 'first branch of each feeder' }),
    devices: Type.Record(Type.String(), Place, {
      default: {},
      description: "place in the network of each device of the gateway's file, by device id",
    }),
  },
  closed,
);

/** The plan of a region as a person writes it: where networks and gateways' files are, and how they belong together. */
export const RegionPlan = Type.Object(
  {
    id: Id,
    name: text('display name'),
    timezone: text('IANA time zone, such as Europe/Amsterdam'),
    holidays: maybe(
      Type.Object(
        {
          country: Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166 code, such as NL' }),
          subdivision: maybe(
            Type.String({
              pattern: '^[A-Za-z0-9]{1,4}$',
              description: 'ISO 3166-2 code without the country, such as BY',
            }),
          ),
        },
        closed,
      ),
    ),
    limits: Type.Object(
      {
        importKw: magnitude('most power the region may import from the transmission grid, kW'),
        exportKw: magnitude('most power the region may export to the transmission grid, kW'),
      },
      { ...closed, description: 'limits of the region as a whole; only the cloud knows them' },
    ),
    profile: Type.Union([Type.Literal('dso'), Type.Literal('community')], {
      default: 'dso',
      description: 'whose costs plans minimise',
    }),
    curtailment: maybe(
      Type.Union([Type.Literal('fair'), Type.Literal('last-in-first-out')], {
        description:
          'which solar plants plans cut first if the network cannot take all: fair, all customers by a similar share, or last-in-first-out, the newest connection agreement wholly before an older one; absent: fair',
      }),
    ),
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
