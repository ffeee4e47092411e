import type { Metric } from '../../shared/contracts/frame.ts';
import type { ChargingSession } from '../../shared/contracts/sessions.ts';
import { bad, good, type Outcome } from '../../shared/outcome/outcome.ts';
import type { Values } from '../plant/device.ts';
import type { DeviceCommand, SetpointKey } from '../plant/setpoints.ts';

/** Units and sign on a device's wire, which differ by maker. */
export interface WireFormat {
  readonly unit: 'W' | 'kW';
  readonly sign: 'consumption-positive' | 'generation-positive';
}

const formats: Readonly<Record<string, WireFormat>> = {
  transformer: { unit: 'W', sign: 'consumption-positive' },
  'feeder-1': { unit: 'kW', sign: 'consumption-positive' },
  'feeder-2': { unit: 'W', sign: 'generation-positive' },
  'pv-1': { unit: 'W', sign: 'generation-positive' },
  'pv-2': { unit: 'W', sign: 'generation-positive' },
  'pv-3': { unit: 'kW', sign: 'generation-positive' },
  'pv-4': { unit: 'kW', sign: 'generation-positive' },
  'battery-1': { unit: 'W', sign: 'generation-positive' },
  'battery-2': { unit: 'kW', sign: 'consumption-positive' },
  'battery-3': { unit: 'W', sign: 'consumption-positive' },
  'ev-1': { unit: 'kW', sign: 'consumption-positive' },
  'ev-2': { unit: 'W', sign: 'consumption-positive' },
};
const usual: WireFormat = { unit: 'kW', sign: 'consumption-positive' };

export const wireFormat = (device: string): WireFormat => formats[device] ?? usual;

interface Field {
  readonly stem: string;
  readonly quantity: 'active' | 'reactive' | 'plain';
  /** Negated for devices that count generation as positive; magnitudes are not. */
  readonly signed: boolean;
}

const active = (stem: string, signed: boolean): Field => ({ stem, quantity: 'active', signed });
const reactive = (stem: string): Field => ({ stem, quantity: 'reactive', signed: true });
const plain = (stem: string): Field => ({ stem, quantity: 'plain', signed: false });

/** Names on the wire; powers carry their unit: p_w or p_kw, q_var or q_kvar. */
const fields: Readonly<Record<Metric, Field>> = {
  activePowerKw: active('p', true),
  reactivePowerKvar: reactive('q'),
  voltagePu: plain('u_pu'),
  currentA: plain('i_a'),
  socPct: plain('soc'),
  energyDueKwh: plain('due_kwh'),
  sessions: plain('sessions'),
  deadlineMs: plain('deadline'),
  availableKw: active('available', false),
  wishedKw: active('wished', false),
  tapPosition: plain('tap'),
  voltageTargetPu: plain('target_pu'),
  capacitorStep: plain('step'),
  activePowerSetpointKw: active('set_p', true),
  activePowerLimitKw: active('limit', false),
  reactivePowerSetpointKvar: reactive('set_q'),
  radiationWm2: plain('radiation_w_m2'),
  windSpeedMs: plain('wind_m_s'),
  temperatureC: plain('temperature_c'),
  closed: plain('closed'),
};

/** Setpoints that a device takes on `<device>/set`, under the names it reports; the revert time comes with them. */
const commands: Readonly<Record<SetpointKey, Metric>> = {
  activePowerKw: 'activePowerSetpointKw',
  reactivePowerKvar: 'reactivePowerSetpointKvar',
  activePowerLimitKw: 'activePowerLimitKw',
  voltageTargetPu: 'voltageTargetPu',
  capacitorStep: 'capacitorStep',
};
export const revertField = 'revert_s';
export const timeField = 't';

export function fieldName(metric: Metric, { unit }: WireFormat): string {
  const { stem, quantity } = fields[metric];
  if (quantity === 'plain') return stem;
  const prefix = unit === 'W' ? '' : 'k';
  return `${stem}_${prefix}${quantity === 'active' ? 'w' : 'var'}`;
}

/** Wire units per kW or kvar; 1 for other quantities. */
export const wireScale = (metric: Metric, { unit }: WireFormat): number =>
  fields[metric].quantity !== 'plain' && unit === 'W' ? 1000 : 1;

export const commandMetric = (key: SetpointKey): Metric => commands[key];

/** One reading as the device's JSON. */
export function toWire(device: string, timeMs: number, values: Values): Record<string, number> {
  const format = wireFormat(device);
  const payload: Record<string, number> = { [timeField]: timeMs };
  for (const [metric, value] of Object.entries(values) as [Metric, number][]) {
    payload[fieldName(metric, format)] = round(value * factor(metric, format));
  }
  return payload;
}

/** Field names of a charging site's sessions, for the gateway's configuration; powers use the device's unit. */
export const sessionFields = (device: string): Record<string, string | number> => {
  const { unit } = wireFormat(device);
  const power = unit === 'W' ? 'w' : 'kw';
  return {
    path: '$.cars',
    id: 'at',
    energyDueKwh: 'due_kwh',
    departure: 'leaves',
    maxKw: `max_${power}`,
    minKw: `min_${power}`,
    ...(unit === 'W' ? { powerScale: 1e-3 } : {}),
  };
};

/** The sessions of a charging site as JSON fields; empty for other devices. */
export function sessionsToWire(device: string, sessions: readonly ChargingSession[] | undefined): object {
  if (sessions === undefined) return {};
  const { unit } = wireFormat(device);
  const [power, scale] = unit === 'W' ? ['w', 1000] : ['kw', 1];
  return {
    cars: sessions.map(({ id, energyDueKwh, departure, maxKw, minKw }) => ({
      at: id,
      due_kwh: round(energyDueKwh ?? 0),
      leaves: departure,
      [`max_${power}`]: round(maxKw * scale),
      [`min_${power}`]: round(minKw * scale),
    })),
  };
}

/** Parses a command from the device's JSON; rejects unknown names and values that are not finite numbers. */
export function fromWire(device: string, payload: unknown): Outcome<DeviceCommand> {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload))
    return bad('LS-CONTROL-005', `${device}: a command must be a JSON object`);
  const format = wireFormat(device);
  const keys = Object.keys(commands) as SetpointKey[];
  const command: { -readonly [Key in keyof DeviceCommand]: number } = {};
  for (const [name, value] of Object.entries(payload)) {
    if (typeof value !== 'number' || !Number.isFinite(value))
      return bad('LS-CONTROL-005', `${device}: ${name} must be a finite number`);
    if (name === revertField) {
      command.revertAfterS = Math.min(3600, Math.max(1, value));
      continue;
    }
    const key = keys.find((each) => fieldName(commands[each], format) === name);
    if (key === undefined) return bad('LS-CONTROL-005', `${device} does not support "${name}"`);
    if (key === 'activePowerLimitKw' && value < 0)
      return bad('LS-CONTROL-005', `${device}: ${name} is a magnitude and must not be negative`);
    command[key] = value / factor(commands[key], format);
  }
  return good(command);
}

function factor(metric: Metric, format: WireFormat): number {
  const turned = fields[metric].signed && format.sign === 'generation-positive' ? -1 : 1;
  return wireScale(metric, format) * turned;
}

const round = (value: number): number => (Number.isInteger(value) ? value : Math.round(value * 1e4) / 1e4);
