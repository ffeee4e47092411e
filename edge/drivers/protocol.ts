import type { Static, TObject, TProperties } from 'typebox';
import type { RefuseConfig } from '../../shared/config/read-config.ts';
import { metrics } from '../../shared/contracts/frame.ts';
import type { GridCode } from '../../shared/grid/grid-codes.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { Setpoint } from '../control/setpoint.ts';
import type { deviceKeys } from '../schema/device-keys.ts';
import { readbacks, type SetpointMetric } from '../schema/setpoints.ts';
import type { DeviceTopics } from './broker-access.ts';
import type { Driver, WireSpans } from './driver.ts';
import type { FieldLines, LineAddress } from './modbus/field-lines.ts';
import type { OpenChargers } from './ocpp/chargers.ts';
import type { SparkplugHost } from './sparkplug/sparkplug-host.ts';
import type { TopicBus } from './topic-bus.ts';

/** What every driver is made from, whatever its protocol. */
export interface CommonSpec {
  readonly id: string;
  readonly ratedKw: number;
  readonly spans: WireSpans;
  /** What the device reverts to, in the load convention. */
  readonly safeDefault: Setpoint;
  /** Absent: the functions of the device are left as they are. */
  readonly gridCode?: { readonly code: GridCode; readonly kvaPerKw: number } | undefined;
}

/** What a driver may use. */
export interface DriverResources {
  readonly bus: TopicBus;
  /** The gateway as host of Sparkplug nodes on the same bus. Absent: there are none. */
  readonly host?: SparkplugHost | undefined;
  readonly lines: FieldLines;
  /** Listens for chargers; absent: none can connect. */
  readonly openChargers?: OpenChargers | undefined;
  readonly clock: Clock;
}

/** A line that devices share, and the unit on it. */
export interface LineUnit extends LineAddress {
  readonly unitId: number;
}

/** A file with passwords that a device names, and who must stand in it. */
export interface UserFile {
  readonly path: string | undefined;
  readonly users: readonly string[];
  /** Address at which they are asked for. */
  readonly listen: string;
}

/** How a protocol serves a device, or the meter of a guarded element. */
interface Behaviour<Source, Spec extends CommonSpec> {
  /** Says what no schema can. The path is that of the source. */
  check?(source: Source, path: string, refuse: RefuseConfig): void;
  /** The metrics that it may report, for its birth. */
  metrics(source: Source): readonly string[];
  /** Without a value for so long it counts as silent, s. */
  staleAfterS(source: Source): number;
  /** Its topics at the local broker. Absent: it does not use the broker. */
  topics?(source: Source): DeviceTopics;
  /** The largest packet that it sends to the local broker; absent: what is usual. */
  readonly packetBytes?: number;
  /** The line on which it is asked; absent: none. */
  line?(source: Source): LineUnit;
  /** Absent: none but the local broker asks for its passwords. */
  userFile?(source: Source): UserFile;
  /** What its driver is made from, beside what all have. */
  spec(source: Source): Omit<Spec, keyof CommonSpec | 'driver'>;
  create(spec: Spec, resources: DriverResources): Driver;
}

/** A device driver as one object: its configuration schema, its checks and its constructor. */
export interface Protocol<
  Device extends TProperties,
  Meter extends TProperties | undefined,
  Spec extends CommonSpec,
> extends Behaviour<DeviceOf<Device> | MeterOf<Meter>, Spec> {
  readonly name: string;
  /** Keys of a device beside those that every device has; `driver` is the name. */
  readonly device: Device;
  /** Keys of the meter of a guarded element; undefined: it is none. */
  readonly meter: Meter;
}

type DeviceOf<Keys extends TProperties> = Static<TObject<typeof deviceKeys & Keys>>;
type MeterOf<Keys extends TProperties | undefined> = Keys extends TProperties ? Static<TObject<Keys>> : never;

/** Any protocol, to those who do not know which. */
export interface AnyProtocol extends Behaviour<{ readonly driver: string }, CommonSpec> {
  readonly name: string;
  readonly device: TProperties;
  readonly meter: TProperties | undefined;
}

export const protocol = <
  const Device extends TProperties,
  const Meter extends TProperties | undefined,
  Spec extends CommonSpec,
>(
  object: Protocol<Device, Meter, Spec>,
): Protocol<Device, Meter, Spec> => object;

export const SILENT_S = 5;

/** What stands beside a meter, or else in `read`. */
export const silentAfterS = (
  source: {
    readonly staleAfterS?: number | undefined;
    readonly read?: { readonly staleAfterS: number } | undefined;
  },
  usually = SILENT_S,
): number => source.staleAfterS ?? source.read?.staleAfterS ?? usually;

/** The metrics among the keys of `read`. */
export const readMetrics = (read: object | undefined): string[] =>
  Object.keys(read ?? {}).filter((key) => Object.hasOwn(metrics, key));

/** The metrics in which a device reads back its setpoints. */
export const readBack = (source: object): string[] =>
  'write' in source ? Object.keys(source.write ?? {}).map((key) => readbacks[key as SetpointMetric]) : [];

/** A device does something, and what it reads is not nothing. */
export function checkReads(
  source: { readonly read?: object | undefined; readonly write?: unknown },
  path: string,
  refuse: RefuseConfig,
): void {
  const { read, write } = source;
  if (read !== undefined && !Object.values(read).some((signal) => typeof signal === 'object'))
    refuse(`${path}/read`, 'LS-CONFIG-002', 'reads nothing; name at least one metric and where it stands');
  if (read === undefined && write === undefined)
    refuse(path, 'LS-CONFIG-002', 'has neither "read" nor "write"; give at least one of them');
}
