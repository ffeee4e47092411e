import { clamp } from './battery.ts';
import type { Device, Surroundings, Values } from './device.ts';
import { Setpoints, type DeviceCommand, type SetpointState } from './setpoints.ts';
import type { CapacitorSpec } from './spec.ts';

interface State {
  readonly step: number;
  /** Of each step that is off, the plant time until which it discharges. */
  readonly chargedUntilMs: readonly number[];
  readonly moves: number;
  readonly setpoints: SetpointState;
}

const DEAD_TIME_MS = 1000;
/** A step that was switched off is discharged before it closes again: 10 min (IEC 60871-1, discharge to 75 V). */
const DISCHARGE_MS = 600_000;
const LOSS_KW_PER_KVAR = 0.0002;

/**
 * Switched capacitors. Their reactive power goes with the square of the voltage. Steps open on a dead bus, and stay as they are
 * where commands stop.
 */
export class CapacitorBank implements Device {
  readonly id: string;
  readonly #spec: CapacitorSpec;
  readonly #setpoints: Setpoints;
  #step = 0;
  #moves = 0;
  #chargedUntilMs: number[];
  activePowerKw = 0;
  reactivePowerKvar = 0;

  constructor(spec: CapacitorSpec) {
    this.id = spec.id;
    this.#spec = spec;
    this.#chargedUntilMs = Array.from({ length: spec.steps }, () => Number.NEGATIVE_INFINITY);
    this.#setpoints = new Setpoints({ deadTimeMs: DEAD_TIME_MS, revertAfterS: spec.revertAfterS, fallback: {} });
  }

  get moves(): number {
    return this.#moves;
  }

  command(command: DeviceCommand, nowMs: number): void {
    this.#setpoints.take(command, nowMs);
  }

  step({ timeMs, voltagePu }: Surroundings): void {
    this.#setpoints.step(timeMs);
    const { steps, stepKvar } = this.#spec;
    const asked = voltagePu <= 0 ? 0 : Math.round(this.#setpoints.get('capacitorStep') ?? this.#step);
    this.#switchTo(clamp(asked, 0, steps), timeMs);
    const kvar = this.#step * stepKvar * voltagePu * voltagePu;
    this.activePowerKw = LOSS_KW_PER_KVAR * kvar;
    this.reactivePowerKvar = kvar === 0 ? 0 : -kvar;
  }

  /** Step by step, as far as those that are to close have discharged. */
  #switchTo(asked: number, timeMs: number): void {
    while (this.#step > asked) {
      this.#step--;
      this.#moves++;
      this.#chargedUntilMs[this.#step] = timeMs + DISCHARGE_MS;
    }
    while (this.#step < asked && this.#chargedUntilMs[this.#step]! <= timeMs) {
      this.#step++;
      this.#moves++;
    }
  }

  values(): Values {
    return {
      activePowerKw: this.activePowerKw,
      reactivePowerKvar: this.reactivePowerKvar,
      capacitorStep: this.#step,
    };
  }

  snapshot(): State {
    return {
      step: this.#step,
      chargedUntilMs: this.#chargedUntilMs.map((time) => Math.max(0, time)),
      moves: this.#moves,
      setpoints: this.#setpoints.snapshot(),
    };
  }

  restore(state: unknown): void {
    const { step, chargedUntilMs, moves, setpoints } = state as State;
    this.#step = step;
    this.#chargedUntilMs = [...chargedUntilMs];
    this.#moves = moves;
    this.#setpoints.restore(setpoints);
  }
}
