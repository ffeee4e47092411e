import type { Metric } from '../../../shared/contracts/frame.ts';
import type { ChargingSession } from '../../../shared/contracts/sessions.ts';
import type { Outcome } from '../../../shared/outcome/outcome.ts';
import type { SetpointKey } from '../../control/setpoint.ts';
import type { Toward } from '../rounding.ts';
import type { Sign } from '../sign.ts';
import type { Block, RegisterImage } from './blocks.ts';

/** Registers written by one request. */
export interface RegisterWrite {
  readonly address: number;
  readonly words: readonly number[];
  /** Function 6: one register, for devices that know no other. */
  readonly single?: boolean;
}

/** A value of the device in Loadstone's unit and the device's own sign; undefined: it has none now. */
export type Reading = readonly [metric: Metric, value: number | undefined];

export interface Setting {
  readonly key: SetpointKey;
  /** In Loadstone's unit and the device's own sign. */
  readonly value: number;
  readonly revertAfterS: number;
  readonly toward: Toward;
}

/** Permanent settings of a device, such as the curves of a grid code. Written only where they differ. */
export interface Parameters {
  readonly blocks: readonly Block[];
  /** Settings that differ, in words. */
  differences(image: RegisterImage): readonly string[];
  writes(image: RegisterImage): readonly RegisterWrite[];
}

/** How one device is read and written, once it has been identified. */
export interface DeviceMap {
  /** The usual sign of its kind, if the configuration does not set one. */
  readonly sign?: Sign;
  /** It did not report everything, for example because it is not awake yet; it is identified again after a minute. Absent: false. */
  readonly isPartial?: boolean;
  /** Read at each poll. */
  readonly blocks: readonly Block[];
  readings(image: RegisterImage): readonly Reading[];
  /** Why the registers just read do not show the present; undefined: they do. `nowMs`: elapsed plant time. Called at each poll. */
  frozen?(image: RegisterImage, nowMs: number): string | undefined;
  /** Writes for a setpoint, with the reversion time set before the setpoint is switched on; LS-DEVICE-004 if it cannot be written. */
  writes(setting: Setting, image: RegisterImage): Outcome<readonly RegisterWrite[]>;
  /** Step of its active power setpoint or limit, kW; absent: finer than matters. */
  stepKw?(image: RegisterImage): number;
  /** The charging sessions of a site; LS-DEVICE-001 names one that is implausible. */
  sessions?(image: RegisterImage): Outcome<readonly ChargingSession[]>;
  readonly parameters?: Parameters | undefined;
  /** Written after each poll, such as a heartbeat. */
  beat?(image: RegisterImage): readonly RegisterWrite[];
}

export type ReadBlock = (block: Block) => Promise<Outcome<Uint16Array>>;

/** Identifies how the device is read; called again after each failure. */
export type FindMap = (read: ReadBlock) => Promise<Outcome<DeviceMap>>;
