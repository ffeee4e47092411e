import { metrics } from '../../shared/contracts/frame.ts';
import type { DeviceConfig } from './device.ts';
import type { GatewayConfig } from './schema.ts';
import type { GuardedConfig } from './guarded.ts';
import { readbacks, type SetpointMetric } from './signals.ts';
import { SPARKPLUG_SILENT_S } from './sparkplug.ts';

type MeterConfig = GuardedConfig['meter'];

const SILENT_S = 5;
const MEASURED = ['activePowerKw', 'reactivePowerKvar', 'voltagePu', 'currentA'] as const;
/** The metrics that a device or meter may report, for its birth. */
export function metricsOf(source: DeviceConfig | MeterConfig): string[] {
  if (source.driver === 'sunspec') {
    const type = 'type' in source ? source.type : 'meter';
    const own = type === 'battery' ? ['socPct'] : type === 'pv-inverter' ? ['availableKw'] : [];
    return [...MEASURED, ...own, ...readBack(source)];
  }
  if (source.driver === 'ocpp')
    return ['activePowerKw', 'wishedKw', 'sessions', 'activePowerLimitKw', 'voltagePu', 'energyDueKwh', 'deadlineMs'];
  const read = Object.keys(source.read ?? {}).filter((key) => Object.hasOwn(metrics, key));
  return source.driver === 'sparkplug' ? [...new Set([...read, ...readBack(source)])] : read;
}

const readBack = (source: object): string[] =>
  'write' in source ? Object.keys(source.write ?? {}).map((key) => readbacks[key as SetpointMetric]) : [];

/** What of a device is commanded, by metric; undefined: nothing. */
export const writesOf = ({ write }: DeviceConfig): Readonly<Partial<Record<SetpointMetric, object>>> | undefined =>
  write;

/** Without a value for so long, in seconds, it counts as silent. */
export function staleAfterSOf(source: DeviceConfig | MeterConfig): number {
  if ('staleAfterS' in source && source.staleAfterS !== undefined) return source.staleAfterS;
  if (source.driver === 'sparkplug') return source.read?.staleAfterS ?? SPARKPLUG_SILENT_S;
  if (source.driver === 'mqtt' || source.driver === 'modbus') return source.read?.staleAfterS ?? SILENT_S;
  return 'connection' in source ? source.connection.staleAfterS : SILENT_S;
}

/** Sparkplug id under which the gateway is the host application of the nodes at its local broker. */
export const hostIdOf = ({ gateway, localBroker }: GatewayConfig): string => localBroker.hostId ?? gateway.id;

const PACKET_BYTES = 65_536;
const BIRTH_BYTES = 262_144;

/** The largest packet of a device: births of Sparkplug nodes name all that these have, thousands of metrics. */
export const packetBytesOf = (config: GatewayConfig): number => (speaksSparkplug(config) ? BIRTH_BYTES : PACKET_BYTES);

export const speaksSparkplug = ({ guarded, devices }: GatewayConfig): boolean =>
  [...guarded.map(({ meter }) => meter), ...devices].some(({ driver }) => driver === 'sparkplug');
