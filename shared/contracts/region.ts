import { Type, type Static } from 'typebox';
import { Network } from '../grid/network.ts';
import { Authority, CalendarDate, DeviceType, Id } from './ids.ts';

const optional = Type.Optional;

/** A device in the cloud's model. Magnitudes in the direction of their names. */
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
  /** One way; the round-trip efficiency is its square. */
  efficiency: optional(Type.Number()),
  activePowerKw: optional(Type.Number()),
  apparentPowerKva: optional(Type.Number()),
  maxReactiveKvar: optional(Type.Number()),
  floorKw: optional(Type.Number()),
  /** The device's own fallback. */
  safeDefaultKw: optional(Type.Number()),
  /** Cost of an intervention against the customer's wish, EUR/kWh. */
  contractEurPerKwh: optional(Type.Number()),
  /** Date of its connection agreement. Every solar plant that plans command needs one where the newest is cut first. */
  connectedOn: optional(CalendarDate),
  /** Reactive power that each step of a capacitor bank feeds in at 1 pu, kvar, and the number of steps. */
  stepKvar: optional(Type.Number()),
  steps: optional(Type.Integer()),
  /** Half the dead band of a tap changer's own controller, pu. */
  bandPu: optional(Type.Number()),
  /** Its line-drop compensation: voltage rise at the transformer's rated import, pu. */
  dropPu: optional(Type.Number()),
  /** Most moves of a tap changer or capacitor bank per day (UTC). */
  movesPerDay: optional(Type.Integer()),
});
export type RegionDevice = Static<typeof RegionDevice>;

/** One meter: what is measured, and where. `device` is the id under which the gateway reports it. */
export const MeterPoint = Type.Object({
  device: Id,
  kind: Type.Union([
    Type.Literal('transformer'),
    Type.Literal('feeder-head'),
    Type.Literal('terminal'),
    Type.Literal('station'),
  ]),
  /** A branch for a transformer or a head, a bus for a terminal or a station. */
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
  /** Ids in other systems: mRID, EIC, proprietary. */
  externalIds: optional(Type.Record(Type.String(), Type.String())),
  /** Network limits at the transformer, magnitudes. */
  limits: Type.Object({
    importKw: Type.Number(),
    exportKw: Type.Number(),
    vMinPu: Type.Number(),
    vMaxPu: Type.Number(),
  }),
  /**
   * Its share of the region's limit until its gateway follows a schedule, and after a schedule ends; magnitudes. The same as `failsafe` in
   * the gateway's file. Absent: shared out by the rating of its transformer.
   */
  failsafe: optional(Type.Object({ importKw: Type.Number({ minimum: 0 }), exportKw: Type.Number({ minimum: 0 }) })),
  /** Limits at the feeder heads, magnitudes. Absent: only the rating of the head's line. */
  heads: optional(Type.Array(Type.Object({ feeder: Id, importKw: Type.Number(), exportKw: Type.Number() }))),
  network: Network,
  devices: Type.Array(RegionDevice),
  /** Contracted limits of the customers whose meters have devices behind them, magnitudes. Absent: only the network's limits. */
  connectionPoints: optional(
    Type.Array(
      Type.Object({
        id: Id,
        importKw: optional(Type.Number({ minimum: 0 })),
        exportKw: optional(Type.Number({ minimum: 0 })),
        /** Network loads behind the meter. */
        loads: optional(Type.Array(Type.String())),
      }),
    ),
  ),
  meters: Type.Array(MeterPoint),
});
export type RegionSubstation = Static<typeof RegionSubstation>;

/** Meter interval of a device, s; undefined if the device has no meter. */
export const meterIntervalS = ({ meters }: Pick<RegionSubstation, 'meters'>, device: string): number | undefined =>
  meters.find((meter) => meter.device === device)?.intervalS;

/** The meter at a feeder's head; undefined if it has none. The gateway names the head by its device. */
export const headMeter = ({ meters }: Pick<RegionSubstation, 'meters'>, feeder: string): MeterPoint | undefined =>
  meters.find((meter) => meter.kind === 'feeder-head' && meter.feeder === feeder);

/**
 * Id of a feeder's head at its gateway: the device of its meter. Without a meter it is `feeder-<number>`, the number being the end of the
 * feeder's id.
 */
export const headId = (substation: Pick<RegionSubstation, 'id' | 'meters'>, feeder: string): string =>
  headMeter(substation, feeder)?.device ?? feeder.replace(`${substation.id}-`, 'feeder-');

/** Feeders with a meter at their head. */
export const meteredFeeders = ({ meters }: Pick<RegionSubstation, 'meters'>): string[] =>
  meters.flatMap(({ kind, feeder }) => (kind === 'feeder-head' && feeder !== undefined ? [feeder] : []));

/** Whether the load beside the metered feeders is known: what the transformer's meter shows, less the heads. */
export const hasRest = (substation: Pick<RegionSubstation, 'meters'>): boolean =>
  substation.meters.some(({ kind }) => kind === 'transformer') && meteredFeeders(substation).length > 0;

/** Who is cut where solar feed-in has to be: all customers by a similar share, or the newest connection agreement first. */
export const CurtailmentRule = Type.Union([Type.Literal('fair'), Type.Literal('last-in-first-out')]);
export type CurtailmentRule = Static<typeof CurtailmentRule>;

/** The cloud's model of its region. It is never the truth of the plant. */
export const Region = Type.Object(
  {
    version: Type.Literal(1),
    id: Id,
    name: Type.String(),
    timezone: Type.String(),
    externalIds: optional(Type.Record(Type.String(), Type.String())),
    /** Place whose public holidays apply, by ISO 3166: NL, or DE with BY. Absent: no holidays are known. */
    holidays: optional(
      Type.Object({
        country: Type.String({ pattern: '^[A-Z]{2}$' }),
        subdivision: optional(Type.String({ pattern: '^[A-Za-z0-9]{1,4}$' })),
      }),
    ),
    /** Limit of the whole region, magnitudes. Only the cloud knows it. */
    limits: Type.Object({ importKw: Type.Number(), exportKw: Type.Number() }),
    profile: Type.Union([Type.Literal('dso'), Type.Literal('community')]),
    /** Absent: fair. */
    curtailment: optional(CurtailmentRule),
    substations: Type.Array(RegionSubstation),
  },
  { title: 'Region' },
);
export type Region = Static<typeof Region>;
