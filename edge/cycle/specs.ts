import type { DeviceConfig } from '../config/device.ts';
import type { GatewayConfig } from '../config/schema.ts';
import type { GuardedConfig } from '../config/guarded.ts';
import { writesOf } from '../config/reads.ts';
import { signedKw, type DeviceSpec, type ElementSpec, type Lever, type RunTimes } from '../control/model.ts';
import type { PowerRange } from '../../shared/contracts/plan.ts';
import type { SunPlace } from '../../shared/grid/clear-sky.ts';
import { TRANSFORMER } from '../control/model.ts';
import type { WireSpans } from '../drivers/driver.ts';
import type { PointSpec } from '../safety/connection-point.ts';
import { intersect } from '../safety/limits.ts';
import type { Site } from './step-types.ts';

/** Derives what control and safety need from the configuration. Magnitudes become signed ranges only here. */
export function siteOf(config: GatewayConfig): Site {
  const { envelope, guard, uplink, gateway } = config;
  return {
    specs: config.devices.map((device) => specOf(device, config)),
    elements: config.guarded.map(elementOf),
    points: pointsOf(config),
    guard: {
      responseS: guard.responseS,
      marginPct: guard.marginPct,
      releaseKwPerS: envelope.releaseKwPerS,
      meterErrorPct: guard.meterErrorPct,
    },
    reserveS: guard.reserveMinutes * 60,
    envelope: {
      default: { minKw: negative(envelope.default.exportKw), maxKw: envelope.default.importKw },
      narrowAfterS: envelope.narrowAfterS,
      releaseKwPerS: envelope.releaseKwPerS,
    },
    heartbeatLostS: uplink.heartbeat.lostAfterS,
    topologyVersion: gateway.topologyVersion ?? null,
    place: placeOf(gateway),
  };
}

/** The default of 0, 0 is open sea off Africa, so it means that no location is configured. */
const placeOf = ({ latitude, longitude }: GatewayConfig['gateway']): SunPlace | null =>
  latitude === 0 && longitude === 0 ? null : { latitude, longitude };

/** Connection points by id. A meter with a point's id is the customer's meter. Where contracts differ, the narrowest applies. */
export function pointsOf(config: Pick<GatewayConfig, 'devices' | 'guarded'>): PointSpec[] {
  const groups = Map.groupBy(
    config.devices.filter(({ connectionPoint }) => connectionPoint !== undefined),
    ({ connectionPoint }) => connectionPoint!.id,
  );
  return [...groups].map(([id, devices]) => {
    const specs = devices.map((device) => specOf(device, config));
    const meter = specs.find(({ type }) => type === 'meter')?.id ?? null;
    const ids = (commanded: boolean): string[] =>
      specs.filter(({ type, lever }) => type !== 'meter' && (lever !== 'none') === commanded).map((spec) => spec.id);
    const { range } = intersect(
      specs.map(({ contract }) => ({ name: 'contract', range: contract, reason: 'contract of the connection point' })),
    );
    return { id, commanded: ids(true), read: ids(false), meter, contract: range };
  });
}

export function elementOf(guarded: GuardedConfig): ElementSpec {
  const { id, limits, ratedKva, failsafe, thermal, emergency, relay } = guarded;
  return {
    id,
    counts: countsOf(guarded),
    range: {
      minKw: limits.exportKw === undefined ? -Infinity : negative(limits.exportKw),
      maxKw: limits.importKw ?? Infinity,
    },
    ratedKva: ratedKva ?? null,
    currentA: limits.currentA ?? null,
    voltageBand: limits.voltagePu ?? null,
    failsafe:
      failsafe === undefined
        ? null
        : {
            range: { minKw: negative(failsafe.exportKw), maxKw: failsafe.importKw },
            minimumS: failsafe.minimumHours * 3600,
          },
    ...(relay === undefined ? {} : { relay }),
    thermal: thermal === undefined ? null : { ambientC: thermal.ambientC },
    emergency:
      emergency === undefined
        ? null
        : {
            minKw: limits.exportKw === undefined ? -Infinity : negative(emergency.exportKw ?? limits.exportKw),
            maxKw: emergency.importKw ?? limits.importKw ?? Infinity,
          },
  };
}

interface Counting {
  readonly sign?: string;
  readonly read?: Readonly<Record<string, unknown>>;
  readonly write?: Readonly<Record<string, unknown>>;
}

const scaleOf = (signal: unknown): number => (signal as { readonly scale?: number } | undefined)?.scale ?? 1;

function countsOf({ meter }: GuardedConfig): string {
  const { sign = '', read } = meter as Counting;
  return `${sign} ${scaleOf(read?.['activePowerKw'])}`;
}

/** For a device this includes its writes: a setpoint sent with the wrong sign relieves the wrong way. */
function deviceCounts(device: DeviceConfig): string {
  const { sign = '', read = {}, write = {} } = device as Counting;
  const scales = Object.entries({ read, write }).flatMap(([direction, each]) =>
    Object.entries(each).map(([metric, of]) => [`${direction} ${metric}`, scaleOf(of)] as const),
  );
  return [sign, ...scales.flatMap(([name, scale]) => (scale === 1 ? [] : [`${name} ${scale}`]))].join(' ');
}

export function specOf(device: DeviceConfig, config: Pick<GatewayConfig, 'guarded'>): DeviceSpec {
  const { ratings, connectionPoint } = device;
  const write = writesOf(device);
  const lever = leverOf(device);
  const contract = connectionPoint?.contract;
  const transformer = config.guarded.find(({ id }) => id === TRANSFORMER);
  return {
    id: device.id,
    type: device.type,
    feeder: device.feeder ?? null,
    authority: write === undefined ? 'none' : (connectionPoint?.authority ?? 'direct'),
    lever,
    rating: ratingOf(device),
    contract: {
      minKw: contract === undefined ? -Infinity : negative(contract.exportKw),
      maxKw: contract?.importKw ?? Infinity,
    },
    floorKw: connectionPoint?.floorKw ?? statutoryFloorKw(device),
    maxReactiveKvar:
      write?.reactivePowerKvar === undefined ? 0 : (ratings.maxReactiveKvar ?? 0.44 * (ratings.apparentPowerKva ?? 0)),
    apparentKva: ratings.apparentPowerKva ?? null,
    battery:
      device.type === 'battery' && ratings.capacityKwh !== undefined
        ? {
            socMinPct: ratings.socPct[0],
            socMaxPct: ratings.socPct[1],
            capacityKwh: ratings.capacityKwh,
            efficiency: ratings.efficiency ?? 1,
          }
        : null,
    rampKwPerS: ratings.rampKwPerS ?? Infinity,
    run: runTimesOf(device),
    safeKw: signedKw(lever, device.safeDefault ?? {}) ?? 0,
    safeVoltagePu: device.safeDefault?.voltageTargetPu ?? null,
    takesVoltageTarget: write?.voltageTargetPu !== undefined,
    capacitorSteps: write?.capacitorStep === undefined ? 0 : (ratings.steps ?? 0),
    safeStep: device.safeDefault?.capacitorStep ?? null,
    voltageBand: device.limits?.voltagePu ?? (lever === 'none' ? null : (transformer?.limits.voltagePu ?? null)),
    counts: deviceCounts(device),
  };
}

/** Minimum times of a device, with the least power at which it runs; the configuration check requires both. */
function runTimesOf({ ratings: { minOnS = 0, minOffS = 0, minimumRunKw } }: DeviceConfig): RunTimes | null {
  return minimumRunKw === undefined || minOnS + minOffS === 0 ? null : { minOnS, minOffS, leastKw: minimumRunKw };
}

/** Section 14a EnWG (BNetzA BK6-22-300): a controllable load keeps 4.2 kW, whatever the state of the grid. */
const SECTION_14A_KW = 4.2;

/** Loads that only the guard may move fall under section 14a unless the site states otherwise. */
function statutoryFloorKw({ type, connectionPoint, ratings }: DeviceConfig): number {
  const load = type === 'ev-site' || type === 'flexible-load';
  return load && connectionPoint?.authority === 'guard' ? Math.min(SECTION_14A_KW, ratings.activePowerKw ?? 0) : 0;
}

export function leverOf(device: DeviceConfig): Lever {
  const { type } = device;
  const write = writesOf(device);
  if (type === 'meter' || type === 'tap-changer' || type === 'capacitor-bank') return 'none';
  // PV or a customer's load that offers both is limited rather than driven.
  const limited = write?.activePowerLimitKw !== undefined;
  if (limited && type !== 'battery') return type === 'pv-inverter' ? 'export-limit' : 'import-limit';
  return write?.activePowerKw === undefined ? 'none' : 'power';
}

/** Signed range of what a device can consume and feed in, kW. */
function ratingOf({ type, ratings }: DeviceConfig): PowerRange {
  const most = ratings.activePowerKw ?? 0;
  switch (type) {
    case 'battery':
      return { minKw: negative(ratings.dischargeKw ?? 0), maxKw: ratings.chargeKw ?? 0 };
    case 'pv-inverter':
      return { minKw: negative(most), maxKw: 0 };
    case 'ev-site':
    case 'flexible-load':
      return { minKw: 0, maxKw: most };
    case 'tap-changer':
    case 'capacitor-bank':
    case 'meter':
      return { minKw: 0, maxKw: 0 };
  }
}

/** Rating assumed for a station's meter where none is configured, kW. */
const STATION_KW = 400;

/** Rating that dead bands and plausible spans are based on, kW or kVA. */
export function ratedKw(device: DeviceConfig): number {
  const { minKw, maxKw } = ratingOf(device);
  const { activePowerKw, apparentPowerKva } = device.ratings;
  const unstated = device.type === 'meter' && activePowerKw === undefined && apparentPowerKva === undefined;
  return Math.max(-minKw, maxKw, activePowerKw ?? 0, apparentPowerKva ?? 0, unstated ? STATION_KW : 1);
}

/** What the driver may write to a device: its rating, checked once more. */
export function spansOf(device: DeviceConfig): WireSpans {
  const { minKw, maxKw } = ratingOf(device);
  const { ratings } = device;
  const kvar = ratings.maxReactiveKvar ?? 0.44 * (ratings.apparentPowerKva ?? 0);
  return {
    activePowerKw: { min: minKw, max: maxKw },
    activePowerLimitKw: { min: 0, max: Math.max(-minKw, maxKw) },
    reactivePowerKvar: { min: -kvar, max: kvar },
    voltageTargetPu: { min: 0.9, max: 1.1 },
    capacitorStep: { min: 0, max: ratings.steps ?? 0 },
  };
}

const negative = (magnitude: number): number => (magnitude === 0 ? 0 : -magnitude);
