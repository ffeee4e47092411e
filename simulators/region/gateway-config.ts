import type { Metric } from '../../shared/contracts/frame.ts';
import type { FeederMode } from '../../shared/contracts/ids.ts';
import { networkBears } from '../../cloud/region/bears.ts';
import type { RegionDevice, RegionSubstation } from '../../shared/contracts/region.ts';
import type { ShareKw } from '../../shared/contracts/share-schedule.ts';
import { fieldUnit, tableCommand, tableRegister } from '../faces/field-units.ts';
import { NOMINAL_V } from '../faces/sunspec-faces.ts';
import {
  commandMetric,
  fieldName,
  revertField,
  sessionFields,
  timeField,
  wireFormat,
  wireScale,
} from '../faces/wire.ts';
import { WEATHER_DEVICE } from '../plant/meters.ts';
import type { SetpointKey } from '../plant/setpoints.ts';
import { regionId, type SubstationId } from '../data/names.ts';
import { buildRegion, buildSubstation, ratedKva } from './region.ts';

export interface GatewayOptions {
  /** Broker of the cloud, mqtts://host:port, or mqtt:// without an identity. */
  readonly uplinkUrl: string;
  /** Address and port of the broker for the devices. */
  readonly localListen: string;
  readonly journalPath: string;
  readonly mode?: FeederMode;
  readonly cyclePeriodMs?: number;
  readonly report?: { readonly deadbandPct: number; readonly minIntervalS: number; readonly maxIntervalS: number };
  readonly keysFile?: string;
  /** Folder of the certificate by which it connects. */
  readonly identity?: string;
  /** Or the file with its password. */
  readonly uplinkUserFile?: string;
  /** Users of the local broker, each named as its device or meter; absent: none is asked. */
  readonly devicesUserFile?: string;
  readonly socketPath?: string;
  /** Meters, solar plants, batteries, charging sites and flexible loads are on Modbus TCP at this port instead. */
  readonly modbusPort?: number;
  /** A charging site whose chargers connect to the gateway over OCPP, instead. */
  readonly ocpp?: OnOcpp;
  /** Times as long until a reading is stale: where plant time runs fast, a hiccup of the machine is seconds of the plant. */
  readonly staleFactor?: number;
  /** Default: the substation of the region; a simulation may take one with fewer devices. */
  readonly substation?: RegionSubstation;
  /** Until a command shows at the meter, s; default: as a gateway has it. */
  readonly responseS?: number;
}

/** How a gateway is set, apart from where it stands. */
export type GatewaySettings = Pick<GatewayOptions, 'mode' | 'responseS' | 'staleFactor'>;

export interface OnOcpp {
  readonly device: string;
  /** That the gateway listens on for them. */
  readonly port: number;
  /** Their identities. */
  readonly chargers: readonly string[];
}

export const stateTopic = (device: string): string => `${device}/state`;
export const setTopic = (device: string): string => `${device}/set`;

const KEEP_ALIVE_S = 10;
const REVERT_S = 60;
/** As often as the plant's meters have something new. */
const METER_POLL_MS = 1000;
const DEVICE_POLL_MS = 5000;
/** Asked one after the other beside a plant that runs faster than time, readings come further apart in plant time than told ones. */
const ASKED_FACTOR = 4;
const ASKED_TIMEOUT_MS = 3000;
const FAILSAFE_HOURS = 2;
const ENVELOPE = { narrowAfterS: 900, releaseKwPerS: 20 };

/** The configuration of a substation's gateway, in the form of a gateway's YAML file. */
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

/** Of the meters of transformer and heads, % of reading. */
const errorPct = ({ meters }: RegionSubstation): number =>
  Math.max(0, ...meters.flatMap(({ kind, errorPct }) => (kind === 'station' || kind === 'terminal' ? [] : [errorPct])));

/** A device or meter at the local broker that is a user of its own, where users are asked. */
const userOf = (id: string, { devicesUserFile }: GatewayOptions): { readonly user?: string } =>
  devicesUserFile === undefined ? {} : { user: id };

/** The users whose devices and meters a configuration expects at its local broker. */
export function deviceUsers(config: Record<string, unknown>): string[] {
  const { guarded: heads, devices } = config as {
    guarded: { meter: { user?: string } }[];
    devices: { user?: string }[];
  };
  return [...heads.map(({ meter }) => meter), ...devices].flatMap(({ user }) => user ?? []);
}

/** By the region of which it is, else of the whole region's. */
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

/** What a transformer of this size and its heads carry for some hours (IEC 60076-7, long-time emergency loading). */
const EMERGENCY = 1.15;
const emergency = (importKw: number, exportKw: number): Record<string, number> => ({
  importKw: Math.round(EMERGENCY * importKw),
  exportKw: Math.round(EMERGENCY * exportKw),
});

/** What is read of each kind of device, and what is written. */
const readable: Readonly<Record<RegionDevice['type'], readonly Metric[]>> = {
  battery: [
    'activePowerKw',
    'reactivePowerKvar',
    'voltagePu',
    'socPct',
    'activePowerSetpointKw',
    'reactivePowerSetpointKvar',
  ],
  'pv-inverter': [
    'activePowerKw',
    'reactivePowerKvar',
    'voltagePu',
    'availableKw',
    'activePowerLimitKw',
    'reactivePowerSetpointKvar',
  ],
  'ev-site': [
    'activePowerKw',
    'reactivePowerKvar',
    'voltagePu',
    'wishedKw',
    'energyDueKwh',
    'sessions',
    'deadlineMs',
    'activePowerLimitKw',
  ],
  'flexible-load': [
    'activePowerKw',
    'reactivePowerKvar',
    'voltagePu',
    'wishedKw',
    'energyDueKwh',
    'activePowerLimitKw',
  ],
  'tap-changer': ['tapPosition', 'voltageTargetPu'],
  'capacitor-bank': ['activePowerKw', 'reactivePowerKvar', 'voltagePu', 'capacitorStep'],
  meter: ['activePowerKw', 'reactivePowerKvar', 'voltagePu'],
};

const writable: Readonly<Record<RegionDevice['type'], readonly SetpointKey[]>> = {
  battery: ['activePowerKw', 'reactivePowerKvar'],
  'pv-inverter': ['activePowerLimitKw', 'reactivePowerKvar'],
  'ev-site': ['activePowerLimitKw'],
  'flexible-load': ['activePowerLimitKw'],
  'tap-changer': ['voltageTargetPu'],
  'capacitor-bank': ['capacitorStep'],
  meter: [],
};

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
      // No floor lies above the contract.
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

const overMqtt = ({ id, type }: RegionDevice, staleAfterS: number): Record<string, unknown> => ({
  driver: 'mqtt',
  sign: wireFormat(id).sign,
  read: {
    ...reads(id, readable[type], staleAfterS),
    ...(type === 'ev-site' ? { sessionList: { topic: stateTopic(id), ...sessionFields(id) } } : {}),
  },
  write: Object.fromEntries(writable[type].map((key) => [key, write(id, type, key)])),
});

interface OnModbus {
  readonly port: number;
  readonly staleAfterS: number;
}

/** Solar plants and batteries by SunSpec, the others by a table of their registers. */
function overModbus({ id, type }: RegionDevice, { port, staleAfterS }: OnModbus): Record<string, unknown> {
  const { kind, unitId } = fieldUnit(id)!;
  const connection = fieldConnection(unitId, { port, pollMs: DEVICE_POLL_MS });
  const timing = { keepAliveS: KEEP_ALIVE_S, revertAfterS: REVERT_S };
  if (kind !== 'table')
    return {
      driver: 'sunspec',
      connection: { ...connection, nominalV: NOMINAL_V, staleAfterS },
      write: Object.fromEntries(writable[type].map((key) => [key, timing])),
    };
  const signals = readable[type].map((metric) => [metric, { register: tableRegister(metric), type: 'float64' }]);
  const writes = writable[type].map((key) => {
    const { value, revert } = tableCommand(key);
    return [key, { register: value, type: 'float64', revert: { register: revert, type: 'uint16' }, ...timing }];
  });
  return {
    driver: 'modbus',
    connection,
    read: { ...Object.fromEntries(signals), staleAfterS },
    write: Object.fromEntries(writes),
  };
}

/** Meters tell each minute. */
const CHARGER_STALE_S = 180;
const CHARGER_KEEP_ALIVE_S = 60;
const CHARGER_REVERT_S = 300;

const overOcpp = ({ port, chargers }: OnOcpp, staleAfterS: number): Record<string, unknown> => ({
  driver: 'ocpp',
  connection: { listen: `127.0.0.1:${port}`, chargers, staleAfterS: Math.max(CHARGER_STALE_S, staleAfterS) },
  write: { activePowerLimitKw: { keepAliveS: CHARGER_KEEP_ALIVE_S, revertAfterS: CHARGER_REVERT_S } },
});

const askedFactor = (staleFactor: number): number => (staleFactor > 1 ? ASKED_FACTOR * staleFactor : staleFactor);

const fieldConnection = (unitId: number, more: { port: number; pollMs: number }): Record<string, unknown> => ({
  host: '127.0.0.1',
  unitId,
  timeoutMs: ASKED_TIMEOUT_MS,
  ...more,
});

/** Of the customer as a whole, where that is stated. */
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

function reads(device: string, metrics: readonly Metric[], staleAfterS: number): Record<string, unknown> {
  const format = wireFormat(device);
  const signals = metrics.map((metric) => [
    metric,
    {
      topic: stateTopic(device),
      path: `$.${fieldName(metric, format)}`,
      ...(wireScale(metric, format) === 1 ? {} : { scale: 1 / wireScale(metric, format) }),
    },
  ]);
  return { ...Object.fromEntries(signals), timePath: `$.${timeField}`, staleAfterS };
}

function write(device: string, type: RegionDevice['type'], key: SetpointKey): Record<string, unknown> {
  const format = wireFormat(device);
  const metric = commandMetric(key);
  const slow = type === 'tap-changer' || type === 'capacitor-bank';
  return {
    topic: setTopic(device),
    template: `{"${fieldName(metric, format)}": \${value}, "${revertField}": \${revertAfterS}}`,
    ...(wireScale(metric, format) === 1 ? {} : { scale: wireScale(metric, format) }),
    keepAliveS: slow ? 60 : KEEP_ALIVE_S,
    revertAfterS: slow ? 300 : REVERT_S,
  };
}

const stationConfig = (device: string): Record<string, unknown> => ({
  id: device,
  type: 'meter',
  feeder: `feeder-${device.split('-')[1]}`,
  driver: 'mqtt',
  sign: wireFormat(device).sign,
  read: reads(device, readable.meter, 1500),
});

const weatherConfig = (): Record<string, unknown> => ({
  id: WEATHER_DEVICE,
  type: 'meter',
  name: 'Weather station',
  driver: 'mqtt',
  sign: wireFormat(WEATHER_DEVICE).sign,
  read: reads(WEATHER_DEVICE, ['radiationWm2', 'windSpeedMs', 'temperatureC'], 2400),
});
