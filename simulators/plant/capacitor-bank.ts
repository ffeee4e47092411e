import { clamp } from './battery.ts';
import type { Device, Surroundings, Values } from './device.ts';
import { Setpoints, type DeviceCommand, type SetpointState } from './setpoints.ts';
import type { CapacitorSpec } from './spec.ts';

interface State {
  readonly step: number;
  /** For each open step, the plant time at which it has discharged. */
  readonly chargedUntilMs: readonly number[];
  readonly moves: number;
  readonly setpoints: SetpointState;
}

const DEAD_TIME_MS = 1000;
/** A step must discharge for 10 min before it closes again (IEC 60871-1, discharge to 75 V). */
const DISCHARGE_MS = 600_000;
const LOSS_KW_PER_KVAR = 0.0002;

/**
 * Switched capacitors. Their reactive power scales with the square of the voltage. Steps open on a dead bus and hold their position when
 * commands stop.
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

  /** Moves one step at a time; a step closes only once it has discharged. */
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
