import { protocolOf } from '../drivers/table.ts';
import type { SetpointMetric } from '../schema/setpoints.ts';
import type { DeviceConfig } from './device.ts';
import type { GatewayConfig } from './schema.ts';
import type { GuardedConfig } from './guarded.ts';

export type Source = DeviceConfig | GuardedConfig['meter'];

/** The metrics that a device or meter may report, for its birth. */
export const metricsOf = (source: Source): readonly string[] => protocolOf(source).metrics(source);

/** Without a value for so long, in seconds, it counts as silent. */
export const staleAfterSOf = (source: Source): number => protocolOf(source).staleAfterS(source);

interface WriteTimes {
  readonly keepAliveS: number;
  readonly minIntervalS: number;
  readonly revertAfterS: number;
}

/** What of a device is commanded, by metric; undefined: nothing. */
export const writesOf = (device: DeviceConfig): Readonly<Partial<Record<SetpointMetric, WriteTimes>>> | undefined =>
  'write' in device ? device.write : undefined;

/** Sparkplug id under which the gateway is the host application of the nodes at its local broker. */
export const hostIdOf = ({ gateway, localBroker }: GatewayConfig): string => localBroker.hostId ?? gateway.id;

const PACKET_BYTES = 65_536;

/** The largest packet of a device. */
export const packetBytesOf = (config: GatewayConfig): number =>
  Math.max(PACKET_BYTES, ...sourcesOf(config).map((source) => protocolOf(source).packetBytes ?? 0));

export const speaksSparkplug = (config: GatewayConfig): boolean =>
  sourcesOf(config).some(({ driver }) => driver === 'sparkplug');

const sourcesOf = ({ guarded, devices }: GatewayConfig): Source[] => [...guarded.map(({ meter }) => meter), ...devices];
