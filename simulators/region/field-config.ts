import type { Metric } from '../../shared/contracts/frame.ts';
import type { RegionDevice } from '../../shared/contracts/region.ts';
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

export interface OnOcpp {
  readonly device: string;
  /** Port on which the gateway listens for them. */
  readonly port: number;
  /** Identities of the chargers. */
  readonly chargers: readonly string[];
}

export const stateTopic = (device: string): string => `${device}/state`;
export const setTopic = (device: string): string => `${device}/set`;

const KEEP_ALIVE_S = 10;
const REVERT_S = 60;
const DEVICE_POLL_MS = 5000;
/**
 * The gateway polls devices one by one while the plant runs faster than real time, so their readings are further apart in plant time than
 * published ones.
 */
const ASKED_FACTOR = 4;
const ASKED_TIMEOUT_MS = 3000;

/** Metrics read, and setpoints written, by device type. */
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
export const overMqtt = ({ id, type }: RegionDevice, staleAfterS: number): Record<string, unknown> => ({
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

/** PV inverters and batteries use SunSpec, the others a table of their registers. */
export function overModbus({ id, type }: RegionDevice, { port, staleAfterS }: OnModbus): Record<string, unknown> {
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

/** Meters report every minute. */
const CHARGER_STALE_S = 180;
const CHARGER_KEEP_ALIVE_S = 60;
const CHARGER_REVERT_S = 300;

export const overOcpp = ({ port, chargers }: OnOcpp, staleAfterS: number): Record<string, unknown> => ({
  driver: 'ocpp',
  connection: { listen: `127.0.0.1:${port}`, chargers, staleAfterS: Math.max(CHARGER_STALE_S, staleAfterS) },
  write: { activePowerLimitKw: { keepAliveS: CHARGER_KEEP_ALIVE_S, revertAfterS: CHARGER_REVERT_S } },
});

export const askedFactor = (staleFactor: number): number =>
  staleFactor > 1 ? ASKED_FACTOR * staleFactor : staleFactor;

export const fieldConnection = (unitId: number, more: { port: number; pollMs: number }): Record<string, unknown> => ({
  host: '127.0.0.1',
  unitId,
  timeoutMs: ASKED_TIMEOUT_MS,
  ...more,
});

export function reads(device: string, metrics: readonly Metric[], staleAfterS: number): Record<string, unknown> {
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

export const stationConfig = (device: string): Record<string, unknown> => ({
  id: device,
  type: 'meter',
  feeder: `feeder-${device.split('-')[1]}`,
  driver: 'mqtt',
  sign: wireFormat(device).sign,
  read: reads(device, readable.meter, 1500),
});

export const weatherConfig = (): Record<string, unknown> => ({
  id: WEATHER_DEVICE,
  type: 'meter',
  name: 'Weather station',
  driver: 'mqtt',
  sign: wireFormat(WEATHER_DEVICE).sign,
  read: reads(WEATHER_DEVICE, ['radiationWm2', 'windSpeedMs', 'temperatureC'], 2400),
});
