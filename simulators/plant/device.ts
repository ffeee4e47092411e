import type { Metric } from '../../shared/contracts/frame.ts';
import type { Random } from '../../shared/ports/random.ts';
import type { DeviceCommand } from './setpoints.ts';

export type Values = Partial<Record<Metric, number>>;

/** Inputs that a device sees in one step. */
export interface Surroundings {
  /** Plant time at the end of the step. */
  readonly timeMs: number;
  readonly dtS: number;
  /** Voltage at the device's terminal in the previous step; 0 on a dead bus. */
  readonly voltagePu: number;
  /** Nominal when absent. */
  readonly frequencyHz?: number;
  /** PV output per unit of rating, clouds included. */
  readonly sun: number;
  readonly random: Random;
}

/** One device of the plant. Powers use the load convention and are valid after `step`. */
export interface Device {
  readonly id: string;
  readonly activePowerKw: number;
  readonly reactivePowerKvar: number;
  command(command: DeviceCommand, nowMs: number): void;
  step(around: Surroundings): void;
  /** Error-free readings of the device's own meter, except voltage. */
  values(): Values;
  snapshot(): unknown;
  restore(state: unknown): void;
}
