import type { RegionDevice, RegionSubstation } from '../../shared/contracts/region.ts';
import type { BatterySpec, CapacitorSpec, DeviceSpec, EvSpec, FlexSpec, PvSpec, TapSpec } from '../plant/spec.ts';
import { readOverlay } from '../data/grids.ts';
import { feederBus } from './network.ts';

/** Reactive range of a PV plant and of a battery over its rating, as in the overlay's problem. */
const PV_REACTIVE = 0.44;
const BATTERY_REACTIVE = 0.5;
const BATTERY_RAMP_PER_S = 0.2;
const REVERT_S = 60;
/** Fallback limit of a PV plant over its rating: with it, no bus exceeds its limit even at the lowest recorded load. */
const PV_SAFE_SHARE = 0.4;
export const EV_FLOOR_KW = 4.2;
interface Bank {
  /** Bus number in case33bw. */
  readonly bus: number;
  readonly steps: number;
  readonly stepKvar: number;
}

/** Switched capacitors on the second feeder, at the largest reactive load of case33bw. */
const BANKS: Readonly<Record<string, readonly Bank[] | undefined>> = {
  owd: [{ bus: 30, steps: 3, stepKvar: 200 }],
};

/**
 * Buses of the first charging site and of the cold store in case33bw. In the substations of `YARDS` the cold store shares the bus of the
 * charging site: lorries charge in its yard, behind its meter.
 */
const EV_BUS = 25;
const STORE_BUS = 32;
const YARDS: readonly string[] = ['lls'];
/** Contract of such a customer, kW: less than both can draw together. */
const YARD_KW = { importKw: 600, exportKw: 0 };

/** Connection points with a contract of the customer, for everything behind the meter. */
export const contractedPoints = (substation: string): NonNullable<RegionSubstation['connectionPoints']> =>
  YARDS.includes(substation) ? [{ id: pointOf(feederBus(substation, 2, EV_BUS)), ...YARD_KW }] : [];

const pointOf = (bus: string): string => `cp-${bus}`;

/** EUR/kWh of intervention against the customer's wish. */
const contracts = {
  battery: 0.02,
  'pv-inverter': 0.09,
  'ev-site': 0.15,
  'flexible-load': 0.06,
  'tap-changer': 0,
  'capacitor-bank': 0,
} as const;

/** All devices of a substation: the plant simulates them, the cloud and the gateway know their ratings. */
export function deviceSpecs(substation: string): DeviceSpec[] {
  const overlay = readOverlay();
  const first = `${substation}-1`;
  const second = `${substation}-2`;
  const pv = overlay.pv_bus.map((bus, at): PvSpec => {
    const ratedKw = overlay.pv_cap_MW[at]! * 1000;
    return {
      id: `pv-${at + 1}`,
      type: 'pv-inverter',
      bus: feederBus(substation, 1, bus),
      feeder: first,
      revertAfterS: REVERT_S,
      ratedKw,
      apparentPowerKva: ratedKw * 1.1,
      maxReactiveKvar: ratedKw * PV_REACTIVE,
      safeLimitKw: ratedKw * PV_SAFE_SHARE,
    };
  });
  const batteries = overlay.bat_bus.map((bus, at): BatterySpec => {
    const powerKw = Math.round(overlay.bat_pmax_MW[at]! * 1000);
    return {
      id: `battery-${at + 1}`,
      type: 'battery',
      bus: feederBus(substation, 1, bus),
      feeder: first,
      revertAfterS: REVERT_S,
      powerKw,
      capacityKwh: Math.round(overlay.bat_energy_MWh[at]! * 1000),
      socMinPct: overlay.soc_min * 100,
      socMaxPct: overlay.soc_max * 100,
      efficiency: overlay.eta_charge,
      rampKwPerS: powerKw * BATTERY_RAMP_PER_S,
      maxReactiveKvar: powerKw * BATTERY_REACTIVE,
      apparentPowerKva: powerKw * 1.12,
    };
  });
  const ev = (
    [
      { bus: EV_BUS, chargers: 30, chargerKw: 22, siteKw: 400, use: 'overnight' },
      { bus: 14, chargers: 24, chargerKw: 22, siteKw: 300, use: 'workplace' },
    ] as const
  ).map(({ bus, ...site }, at): EvSpec => ({
    id: `ev-${at + 1}`,
    type: 'ev-site',
    bus: feederBus(substation, 2, bus),
    feeder: second,
    revertAfterS: REVERT_S,
    floorKwPerSession: EV_FLOOR_KW,
    safeKw: Math.round(site.chargers * EV_FLOOR_KW),
    ...site,
  }));
  const flex: FlexSpec = {
    id: 'flex-1',
    type: 'flexible-load',
    bus: feederBus(substation, 2, YARDS.includes(substation) ? EV_BUS : STORE_BUS),
    feeder: second,
    revertAfterS: REVERT_S,
    ratedKw: 400,
    minimumKw: 60,
    bufferKwh: 600,
  };
  const tap: TapSpec = {
    id: 'tap-1',
    type: 'tap-changer',
    bus: feederBus(substation, 1, 1),
    feeder: substation,
    revertAfterS: 300,
    transformer: `${substation}-t1`,
    defaultTargetPu: 1.015,
    bandPu: 0.0125,
    delayS: 60,
    dropPu: 0.015,
    minTargetPu: 0.97,
    maxTargetPu: 1.05,
  };
  const banks = (BANKS[substation] ?? []).map(({ bus, steps, stepKvar }, at): CapacitorSpec => ({
    id: `bank-${at + 1}`,
    type: 'capacitor-bank',
    bus: feederBus(substation, 2, bus),
    feeder: second,
    revertAfterS: 300,
    steps,
    stepKvar,
  }));
  return [...pv, ...batteries, ...ev, flex, ...banks, tap];
}

const names: Readonly<Record<DeviceSpec['type'], string>> = {
  battery: 'Battery',
  'pv-inverter': 'Solar plant',
  'ev-site': 'Charging site',
  'flexible-load': 'Cold store',
  'tap-changer': 'Tap changer',
  'capacitor-bank': 'Capacitor bank',
};

/** A device in the cloud's model. */
export function regionDevice(spec: DeviceSpec): RegionDevice {
  const common = {
    id: spec.id,
    type: spec.type,
    name: `${names[spec.type]} ${spec.id.split('-')[1]}`,
    bus: spec.bus,
    feeder: spec.feeder,
    connectionPoint: pointOf(spec.bus),
    contractEurPerKwh: contracts[spec.type],
  };
  switch (spec.type) {
    case 'battery':
      return {
        ...common,
        authority: 'direct',
        chargeKw: spec.powerKw,
        dischargeKw: spec.powerKw,
        capacityKwh: spec.capacityKwh,
        socMinPct: spec.socMinPct,
        socMaxPct: spec.socMaxPct,
        efficiency: spec.efficiency,
        apparentPowerKva: spec.apparentPowerKva,
        maxReactiveKvar: spec.maxReactiveKvar,
        safeDefaultKw: 0,
      };
    case 'pv-inverter':
      return {
        ...common,
        authority: 'limit',
        activePowerKw: spec.ratedKw,
        apparentPowerKva: spec.apparentPowerKva,
        maxReactiveKvar: spec.maxReactiveKvar,
        safeDefaultKw: spec.safeLimitKw,
      };
    case 'ev-site':
      return {
        ...common,
        authority: 'limit',
        activePowerKw: spec.siteKw,
        floorKw: Math.round(spec.chargers * spec.floorKwPerSession * 10) / 10,
        safeDefaultKw: spec.safeKw,
      };
    case 'flexible-load':
      return {
        ...common,
        authority: 'limit',
        activePowerKw: spec.ratedKw,
        floorKw: spec.minimumKw,
        capacityKwh: spec.bufferKwh,
        safeDefaultKw: spec.ratedKw,
      };
    case 'capacitor-bank':
      return { ...common, authority: 'direct', steps: spec.steps, stepKvar: spec.stepKvar };
    case 'tap-changer':
      return { ...common, authority: 'direct', bandPu: spec.bandPu, dropPu: spec.dropPu };
  }
}
