import type { Metric } from '../../../shared/contracts/frame.ts';
import type { ChargingSession } from '../../../shared/contracts/sessions.ts';
import type { Outcome } from '../../../shared/outcome/outcome.ts';
import type { SetpointKey } from '../../control/setpoint.ts';
import type { Sign } from '../sign.ts';
import type { Block, RegisterImage } from './blocks.ts';

/** Registers that are written together, in one request. */
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
}

/** What a device is to hold for good, such as the curves of a grid code. Written only where it holds something else. */
export interface Parameters {
  readonly blocks: readonly Block[];
  /** What it holds that it should not, in words. */
  differences(image: RegisterImage): readonly string[];
  writes(image: RegisterImage): readonly RegisterWrite[];
}

/** How one device is read and written, once it is known. */
export interface DeviceMap {
  /** How its kind counts, where the configuration does not say. */
  readonly sign?: Sign;
  /** It did not tell all of itself, as one that is not awake yet: it is asked again after a minute. Absent: it did. */
  readonly isPartial?: boolean;
  /** Read at each poll. */
  readonly blocks: readonly Block[];
  readings(image: RegisterImage): readonly Reading[];
  /** What a setpoint is on the wire, the reversion time before what it reverts from; LS-DEVICE-004 where it cannot be. */
  writes(setting: Setting, image: RegisterImage): Outcome<readonly RegisterWrite[]>;
  /** Who charges at a site; LS-DEVICE-001 names one that cannot be right. */
  sessions?(image: RegisterImage): Outcome<readonly ChargingSession[]>;
  readonly parameters?: Parameters | undefined;
  /** Written after each poll, such as a heartbeat. */
  beat?(image: RegisterImage): readonly RegisterWrite[];
}

export type ReadBlock = (block: Block) => Promise<Outcome<Uint16Array>>;

/** Finds out how the device is read; asked again after each failure. */
export type FindMap = (read: ReadBlock) => Promise<Outcome<DeviceMap>>;
