import { protocolOf } from '../drivers/table.ts';
import type { SetpointMetric } from '../schema/setpoints.ts';
import type { DeviceConfig } from './device.ts';
import type { GatewayConfig } from './schema.ts';
import type { GuardedConfig } from './guarded.ts';

export type Source = DeviceConfig | GuardedConfig['meter'];

/** The metrics that a device or meter may report, for its birth. */
export const metricsOf = (source: Source): readonly string[] => protocolOf(source).metrics(source);

/** Without a value for this long it counts as silent, s. */
export const staleAfterSOf = (source: Source): number => protocolOf(source).staleAfterS(source);

interface WriteTimes {
  readonly keepAliveS: number;
  readonly minIntervalS: number;
  readonly revertAfterS: number;
}

/** The commanded metrics of a device, with the timing of their writes; undefined: none. */
export const writesOf = (device: DeviceConfig): Readonly<Partial<Record<SetpointMetric, WriteTimes>>> | undefined =>
  'write' in device ? device.write : undefined;

/** Sparkplug id of the gateway as host application of the nodes at its local broker. */
export const hostIdOf = ({ gateway, localBroker }: GatewayConfig): string => localBroker.hostId ?? gateway.id;

const PACKET_BYTES = 65_536;

/** The largest packet of a device, bytes. */
export const packetBytesOf = (config: GatewayConfig): number =>
  Math.max(PACKET_BYTES, ...sourcesOf(config).map((source) => protocolOf(source).packetBytes ?? 0));

export const speaksSparkplug = (config: GatewayConfig): boolean =>
  sourcesOf(config).some(({ driver }) => driver === 'sparkplug');

/** The serial ports that are polled. */
export const serialPortsOf = (config: GatewayConfig): readonly string[] =>
  sourcesOf(config).flatMap((source) => protocolOf(source).line?.(source).serial ?? []);

const sourcesOf = ({ guarded, devices }: GatewayConfig): Source[] => [...guarded.map(({ meter }) => meter), ...devices];
