import type { FeederMode } from '../../shared/contracts/ids.ts';
import type { RegionDevice, RegionSubstation } from '../../shared/contracts/region.ts';
import type { ShareKw } from '../../shared/contracts/share-schedule.ts';
import { networkBears } from '../../cloud/region/bears.ts';
import { fieldUnit } from '../faces/field-units.ts';
import { NOMINAL_V } from '../faces/sunspec-faces.ts';
import { wireFormat } from '../faces/wire.ts';
import { WEATHER_DEVICE } from '../plant/meters.ts';
import { regionId, type SubstationId } from '../data/names.ts';
import {
  askedFactor,
  fieldConnection,
  overModbus,
  overMqtt,
  overOcpp,
  reads,
  stationConfig,
  weatherConfig,
  type OnOcpp,
} from './field-config.ts';
import { buildRegion, buildSubstation, ratedKva } from './region.ts';

export interface GatewayOptions {
  /** Broker of the cloud: mqtts://host:port, or mqtt:// without an identity. */
  readonly uplinkUrl: string;
  /** Address and port of the broker for the devices. */
  readonly localListen: string;
  readonly journalPath: string;
  readonly mode?: FeederMode;
  readonly cyclePeriodMs?: number;
  readonly report?: { readonly deadbandPct: number; readonly minIntervalS: number; readonly maxIntervalS: number };
  readonly keysFile?: string;
  /** Folder of its certificate. */
  readonly identity?: string;
  /** Password file, instead of a certificate. */
  readonly uplinkUserFile?: string;
  /** Users file of the local broker, with a user per device and meter; absent: no login. */
  readonly devicesUserFile?: string;
  readonly socketPath?: string;
  /** Puts meters, PV inverters, batteries, charging sites and flexible loads on Modbus TCP at this port. */
  readonly modbusPort?: number;
  /** A charging site whose chargers connect to the gateway over OCPP. */
  readonly ocpp?: OnOcpp;
  /** Factor on the time until a reading is stale: at fast plant time a hiccup of the machine is seconds of plant time. */
  readonly staleFactor?: number;
  /** Default: the region's substation; a simulation may pass one with fewer devices. */
  readonly substation?: RegionSubstation;
  /** Time until a command shows at the meter, s; default: the gateway's. */
  readonly responseS?: number;
}

/** Gateway settings that do not depend on its place. */
export type GatewaySettings = Pick<GatewayOptions, 'mode' | 'responseS' | 'staleFactor'>;

/** The plant's meters have new values this often. */
const METER_POLL_MS = 1000;
const FAILSAFE_HOURS = 2;
const ENVELOPE = { narrowAfterS: 900, releaseKwPerS: 20 };

/** The configuration of a substation's gateway, in the form of its YAML file. */
export function gatewayConfig(id: SubstationId, options: GatewayOptions): Record<string, unknown> {
  const substation = options.substation ?? buildSubstation(id);
  return {
    gateway: {
      id: substation.gateway,
      group: regionId,
      substation: id,
      timezone: substation.timezone,
      latitude: substation.latitude,
      longitude: substation.longitude,
      topologyVersion: substation.network.topologyVersion,
    },
    mode: options.mode ?? 'automatic',
    ...(options.cyclePeriodMs === undefined ? {} : { cycle: { periodMs: options.cyclePeriodMs } }),
    uplink: {
      url: options.uplinkUrl,
      ...(options.identity === undefined ? {} : { identity: options.identity }),
      ...(options.uplinkUserFile === undefined ? {} : { userFile: options.uplinkUserFile }),
      report: options.report ?? { deadbandPct: 1, minIntervalS: 5, maxIntervalS: 60 },
    },
    ...(options.keysFile === undefined ? {} : { trust: { keysFile: options.keysFile } }),
    journal: { path: options.journalPath },
    localBroker: {
      listen: options.localListen,
      ...(options.devicesUserFile === undefined ? {} : { userFile: options.devicesUserFile }),
    },
    ...(options.socketPath === undefined ? {} : { socket: { path: options.socketPath } }),
    guarded: guarded(substation, options),
    guard: {
      meterErrorPct: errorPct(substation),
      ...(options.responseS === undefined ? {} : { responseS: options.responseS }),
    },
    envelope: { default: networkBears(substation), ...ENVELOPE },
    devices: [
      ...substation.devices.map((device) => deviceConfig(device, substation, options)),
      ...substation.meters
        .filter(({ kind }) => kind === 'station')
        .map(({ device }) => ({
          ...stationConfig(device),
          ...userOf(device, options),
        })),
      { ...weatherConfig(), ...userOf(WEATHER_DEVICE, options) },
    ],
  };
}

/** Error of the meters of transformer and heads, % of reading. */
const errorPct = ({ meters }: RegionSubstation): number =>
  Math.max(0, ...meters.flatMap(({ kind, errorPct }) => (kind === 'station' || kind === 'terminal' ? [] : [errorPct])));

/** Names the local broker's user of a device or meter, if logins are required. */
const userOf = (id: string, { devicesUserFile }: GatewayOptions): { readonly user?: string } =>
  devicesUserFile === undefined ? {} : { user: id };

/** The users that a configuration expects at its local broker. */
export function deviceUsers(config: Record<string, unknown>): string[] {
  const { guarded: heads, devices } = config as {
    guarded: { meter: { user?: string } }[];
    devices: { user?: string }[];
  };
  return [...heads.map(({ meter }) => meter), ...devices].flatMap(({ user }) => user ?? []);
}

/** The substation's own share; without one, its share in the whole region. */
const failsafeOf = ({ id, failsafe }: RegionSubstation): ShareKw =>
  failsafe ?? buildRegion().substations.find((each) => each.id === id)!.failsafe!;

function guarded(substation: RegionSubstation, options: GatewayOptions): Record<string, unknown>[] {
  const { staleFactor = 1, modbusPort } = options;
  const { importKw, exportKw, vMinPu, vMaxPu } = substation.limits;
  const voltagePu = [vMinPu, vMaxPu];
  const meter = (device: string): Record<string, unknown> => {
    const field = modbusPort === undefined ? undefined : fieldUnit(device);
    if (field !== undefined)
      return {
        ...fieldConnection(field.unitId, { port: modbusPort!, pollMs: METER_POLL_MS }),
        driver: 'sunspec',
        nominalV: NOMINAL_V,
        staleAfterS: 5 * askedFactor(staleFactor),
      };
    return {
      driver: 'mqtt',
      ...userOf(device, options),
      sign: wireFormat(device).sign,
      staleAfterS: 5 * staleFactor,
      read: reads(device, ['activePowerKw', 'reactivePowerKvar', 'voltagePu', 'currentA'], 5 * staleFactor),
    };
  };
  return [
    {
      id: 'transformer',
      ratedKva,
      thermal: { cooling: 'onan' },
      meter: meter('transformer'),
      limits: { importKw, exportKw, voltagePu },
      emergency: emergency(importKw, exportKw),
      failsafe: { ...failsafeOf(substation), minimumHours: FAILSAFE_HOURS },
    },
    ...(substation.heads ?? []).map(({ feeder, importKw, exportKw }) => {
      const id = feeder.replace(`${substation.id}-`, 'feeder-');
      const head = substation.network.feeders.find((each) => each.id === feeder)!;
      const line = substation.network.lines.find((each) => each.id === head.headBranch)!;
      const nominalKv = substation.network.buses.find((each) => each.id === line.from)!.nominalKv;
      const currentA = Math.round((line.ratedKva! / (Math.sqrt(3) * nominalKv)) * 10) / 10;
      return {
        id,
        ratedKva: line.ratedKva,
        meter: meter(id),
        limits: { importKw, exportKw, currentA, voltagePu },
        emergency: emergency(importKw, exportKw),
      };
    }),
  ];
}

/** Long-time emergency loading of a transformer of this size and its heads (IEC 60076-7). */
const EMERGENCY = 1.15;
const emergency = (importKw: number, exportKw: number): Record<string, number> => ({
  importKw: Math.round(EMERGENCY * importKw),
  exportKw: Math.round(EMERGENCY * exportKw),
});

function deviceConfig(
  device: RegionDevice,
  { connectionPoints = [] }: RegionSubstation,
  options: GatewayOptions,
): Record<string, unknown> {
  const { staleFactor = 1, modbusPort, ocpp } = options;
  const { id, type } = device;
  const staleAfterS = (type === 'battery' || type === 'pv-inverter' ? 20 : 40) * staleFactor;
  const head = /-(\d)$/.exec(device.feeder)?.[1];
  const agreed = kwOf(connectionPoints, device);
  return {
    id,
    type,
    name: device.name,
    ...(head === undefined ? {} : { feeder: `feeder-${head}` }),
    connectionPoint: {
      id: device.connectionPoint,
      ...(type === 'tap-changer' || type === 'capacitor-bank' ? {} : { contract: { ...contract(device), ...agreed } }),
      // No floor exceeds the contract.
      ...(device.floorKw === undefined ? {} : { floorKw: Math.min(device.floorKw, agreed.importKw ?? Infinity) }),
      authority: device.authority,
    },
    ratings: ratings(device),
    ...(ocpp?.device === id
      ? overOcpp(ocpp, staleAfterS)
      : modbusPort === undefined || fieldUnit(id) === undefined
        ? { ...overMqtt(device, staleAfterS), ...userOf(id, options) }
        : overModbus(device, {
            port: modbusPort,
            staleAfterS: (staleAfterS / staleFactor) * askedFactor(staleFactor),
          })),
    ...safeDefault(device),
  };
}

/** Contract of the customer as a whole, if stated. */
function kwOf(
  points: NonNullable<RegionSubstation['connectionPoints']>,
  { connectionPoint }: RegionDevice,
): { importKw?: number; exportKw?: number } {
  const { importKw, exportKw } = points.find(({ id }) => id === connectionPoint) ?? {};
  return { ...(importKw === undefined ? {} : { importKw }), ...(exportKw === undefined ? {} : { exportKw }) };
}

function contract(device: RegionDevice): { importKw: number; exportKw: number } {
  const { type, activePowerKw = 0, chargeKw = 0, dischargeKw = 0 } = device;
  if (type === 'battery') return { importKw: chargeKw, exportKw: dischargeKw };
  return type === 'pv-inverter' ? { importKw: 5, exportKw: activePowerKw } : { importKw: activePowerKw, exportKw: 0 };
}

function ratings(device: RegionDevice): Record<string, unknown> {
  const { type, activePowerKw, apparentPowerKva, maxReactiveKvar } = device;
  const { chargeKw, dischargeKw, capacityKwh, socMinPct, socMaxPct, efficiency } = device;
  const all = {
    activePowerKw,
    apparentPowerKva,
    maxReactiveKvar,
    ...(type === 'battery' ? { chargeKw, dischargeKw, capacityKwh, socPct: [socMinPct, socMaxPct], efficiency } : {}),
    ...(type === 'ev-site' ? { minimumKwPerSession: 4.2 } : {}),
    steps: device.steps,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function safeDefault({ type, safeDefaultKw }: RegionDevice): Record<string, unknown> {
  switch (type) {
    case 'battery':
      return { safeDefault: { activePowerKw: 0, reactivePowerKvar: 0 } };
    case 'pv-inverter':
      return { safeDefault: { activePowerLimitKw: safeDefaultKw, reactivePowerKvar: 0 } };
    case 'ev-site':
    case 'flexible-load':
      return { safeDefault: { activePowerLimitKw: safeDefaultKw } };
    case 'tap-changer':
    case 'capacitor-bank':
    case 'meter':
      return {};
  }
}
