import { Type, type Static } from 'typebox';
import { Network } from '../grid/network.ts';
import { Authority, DeviceType, Id } from './ids.ts';

const optional = Type.Optional;

/** A device as the cloud's model knows it. Magnitudes in the direction of their names. */
export const RegionDevice = Type.Object({
  id: Id,
  type: DeviceType,
  name: Type.String(),
  bus: Type.String(),
  feeder: Id,
  connectionPoint: Id,
  authority: Authority,
  chargeKw: optional(Type.Number()),
  dischargeKw: optional(Type.Number()),
  capacityKwh: optional(Type.Number()),
  socMinPct: optional(Type.Number()),
  socMaxPct: optional(Type.Number()),
  /** Of one way; the round trip is its square. */
  efficiency: optional(Type.Number()),
  activePowerKw: optional(Type.Number()),
  apparentPowerKva: optional(Type.Number()),
  maxReactiveKvar: optional(Type.Number()),
  floorKw: optional(Type.Number()),
  /** The device's own fallback. */
  safeDefaultKw: optional(Type.Number()),
  /** What an intervention against the customer's wish costs, EUR/kWh. */
  contractEurPerKwh: optional(Type.Number()),
  /** What each step of a capacitor bank feeds in at 1 pu, kvar, and how many steps there are. */
  stepKvar: optional(Type.Number()),
  steps: optional(Type.Integer()),
  /** A tap changer's own controller: half of the band in which it rests, pu. */
  bandPu: optional(Type.Number()),
  /** Its line-drop compensation: voltage raised at the transformer's rated import, pu. */
  dropPu: optional(Type.Number()),
  /** Most moves of a tap changer or capacitor bank in a day (UTC). */
  movesPerDay: optional(Type.Integer()),
});
export type RegionDevice = Static<typeof RegionDevice>;

/** What is measured where: the meter plan, as data. `device` is the id under which the gateway reports it. */
export const MeterPoint = Type.Object({
  device: Id,
  kind: Type.Union([
    Type.Literal('transformer'),
    Type.Literal('feeder-head'),
    Type.Literal('terminal'),
    Type.Literal('station'),
  ]),
  /** Branch for a transformer or a head, bus for a terminal or a station. */
  element: Type.String(),
  feeder: optional(Id),
  /** Standard error of a reading, % of reading (class 0.5: 0.25). */
  errorPct: Type.Number(),
  intervalS: Type.Number(),
});
export type MeterPoint = Static<typeof MeterPoint>;

export const RegionSubstation = Type.Object({
  id: Id,
  name: Type.String(),
  gateway: Id,
  latitude: Type.Number(),
  longitude: Type.Number(),
  timezone: Type.String(),
  /** Ids in other systems: mRID, EIC, own. */
  externalIds: optional(Type.Record(Type.String(), Type.String())),
  /** Network limits at the transformer, magnitudes. */
  limits: Type.Object({
    importKw: Type.Number(),
    exportKw: Type.Number(),
    vMinPu: Type.Number(),
    vMaxPu: Type.Number(),
  }),
  /**
   * Its part of the region's limit until its gateway follows a schedule, and behind the end of one; magnitudes. The same as `failsafe` in
   * the gateway's file; absent: by the rating of its transformer.
   */
  failsafe: optional(Type.Object({ importKw: Type.Number({ minimum: 0 }), exportKw: Type.Number({ minimum: 0 }) })),
  /** Limits at the feeder heads, magnitudes; absent: the rating of the head's line alone. */
  heads: optional(Type.Array(Type.Object({ feeder: Id, importKw: Type.Number(), exportKw: Type.Number() }))),
  network: Network,
  devices: Type.Array(RegionDevice),
  /** What customers have contracted where devices lie behind their meters, magnitudes; absent: no limit but the network's. */
  connectionPoints: optional(
    Type.Array(
      Type.Object({
        id: Id,
        importKw: optional(Type.Number({ minimum: 0 })),
        exportKw: optional(Type.Number({ minimum: 0 })),
        /** Loads of the network that lie behind the meter. */
        loads: optional(Type.Array(Type.String())),
      }),
    ),
  ),
  meters: Type.Array(MeterPoint),
});
export type RegionSubstation = Static<typeof RegionSubstation>;

/** Interval of the meter of a device. Undefined: none is planned. */
export const meterIntervalS = ({ meters }: Pick<RegionSubstation, 'meters'>, device: string): number | undefined =>
  meters.find((meter) => meter.device === device)?.intervalS;

/** Feeders with a meter at their head. */
export const meteredFeeders = ({ meters }: Pick<RegionSubstation, 'meters'>): string[] =>
  meters.flatMap(({ kind, feeder }) => (kind === 'feeder-head' && feeder !== undefined ? [feeder] : []));

/** The cloud's model of its region, never the truth of the plant. */
export const Region = Type.Object(
  {
    version: Type.Literal(1),
    id: Id,
    name: Type.String(),
    timezone: Type.String(),
    externalIds: optional(Type.Record(Type.String(), Type.String())),
    /** Whose public holidays are kept here, by ISO 3166: NL, or DE with BY; absent: no holidays are known. */
    holidays: optional(
      Type.Object({
        country: Type.String({ pattern: '^[A-Z]{2}$' }),
        subdivision: optional(Type.String({ pattern: '^[A-Za-z0-9]{1,4}$' })),
      }),
    ),
    /** Limit of the region as a whole, magnitudes; only the cloud knows it. */
    limits: Type.Object({ importKw: Type.Number(), exportKw: Type.Number() }),
    profile: Type.Union([Type.Literal('dso'), Type.Literal('community')]),
    substations: Type.Array(RegionSubstation),
  },
  { title: 'Region' },
);
export type Region = Static<typeof Region>;
