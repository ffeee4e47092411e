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

/** Common part of every driver's specification. */
export interface CommonSpec {
  readonly id: string;
  readonly ratedKw: number;
  readonly spans: WireSpans;
  /** What the device reverts to, in the load convention. */
  readonly safeDefault: Setpoint;
  /** Absent: the device's functions are left as they are. */
  readonly gridCode?: { readonly code: GridCode; readonly kvaPerKw: number } | undefined;
}

/** Resources for drivers. */
export interface DriverResources {
  readonly bus: TopicBus;
  /** The gateway as host of Sparkplug nodes on the same bus. Absent: there are none. */
  readonly host?: SparkplugHost | undefined;
  readonly lines: FieldLines;
  /** Listens for chargers; absent: none can connect. */
  readonly openChargers?: OpenChargers | undefined;
  readonly clock: Clock;
}

/** A line shared by devices, and the unit on it. */
export interface LineUnit extends LineAddress {
  readonly unitId: number;
}

/** A password file of a device, and the users it must contain. */
export interface UserFile {
  readonly path: string | undefined;
  readonly users: readonly string[];
  /** Address at which they log in. */
  readonly listen: string;
}

/** How a protocol serves a device, or the meter of a guarded element. */
interface Behaviour<Source, Spec extends CommonSpec> {
  /** Checks what no schema can express. `path` is the source's path. */
  check?(source: Source, path: string, refuse: RefuseConfig): void;
  /** The metrics it may report, for its birth. */
  metrics(source: Source): readonly string[];
  /** Without a value for this long it counts as silent, s. */
  staleAfterS(source: Source): number;
  /** Its topics at the local broker. Absent: it does not use the broker. */
  topics?(source: Source): DeviceTopics;
  /** Largest packet it sends to the local broker; absent: the default. */
  readonly packetBytes?: number;
  /** The line on which it is polled; absent: none. */
  line?(source: Source): LineUnit;
  /** Its own password file. Absent: passwords, if any, are checked by the local broker only. */
  userFile?(source: Source): UserFile;
  /** The driver's own part of its specification. */
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
  /** Keys of a device besides the common ones; `driver` is the name. */
  readonly device: Device;
  /** Keys of the meter of a guarded element; undefined: it cannot be a meter. */
  readonly meter: Meter;
}

type DeviceOf<Keys extends TProperties> = Static<TObject<typeof deviceKeys & Keys>>;
type MeterOf<Keys extends TProperties | undefined> = Keys extends TProperties ? Static<TObject<Keys>> : never;

/** Any protocol, for callers that do not know which. */
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

/** The time-out next to a meter, or else in `read`. */
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

/** Refuses a device that neither reads nor writes, and a `read` without metrics. */
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
