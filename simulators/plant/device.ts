import type { Metric } from '../../shared/contracts/frame.ts';
import type { Random } from '../../shared/ports/random.ts';
import type { DeviceCommand } from './setpoints.ts';

export type Values = Partial<Record<Metric, number>>;

/** What a device sees of the world in one step. */
export interface Surroundings {
  /** Plant time at the end of the step. */
  readonly timeMs: number;
  readonly dtS: number;
  /** Voltage at its terminal in the step before; 0 on a dead bus. */
  readonly voltagePu: number;
  /** Absent: nominal. */
  readonly frequencyHz?: number;
  /** Feed of a PV plant per unit of its rating, clouds included. */
  readonly sun: number;
  readonly random: Random;
}

/** One device of the plant. Powers in the load convention, valid after `step`. */
export interface Device {
  readonly id: string;
  readonly activePowerKw: number;
  readonly reactivePowerKvar: number;
  command(command: DeviceCommand, nowMs: number): void;
  step(around: Surroundings): void;
  /** What its own meter would show, without error, voltage apart. */
  values(): Values;
  snapshot(): unknown;
  restore(state: unknown): void;
}
