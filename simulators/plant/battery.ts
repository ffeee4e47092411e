import type { Device, Surroundings, Values } from './device.ts';
import { Setpoints, type DeviceCommand, type SetpointState } from './setpoints.ts';
import type { BatterySpec } from './spec.ts';

interface State {
  readonly socPct: number;
  readonly activePowerKw: number;
  readonly setpoints: SetpointState;
}

const DEAD_TIME_MS = 500;

/** Charges with positive power. Charging and discharging both lose energy; the state of charge stays inside its band. */
export class Battery implements Device {
  readonly id: string;
  readonly #spec: BatterySpec;
  readonly #setpoints: Setpoints;
  #socPct = 50;
  activePowerKw = 0;
  reactivePowerKvar = 0;

  constructor(spec: BatterySpec) {
    this.id = spec.id;
    this.#spec = spec;
    this.#setpoints = new Setpoints({
      deadTimeMs: DEAD_TIME_MS,
      revertAfterS: spec.revertAfterS,
      fallback: { activePowerKw: 0, reactivePowerKvar: 0 },
    });
  }

  command(command: DeviceCommand, nowMs: number): void {
    this.#setpoints.take(command, nowMs);
  }

  step({ timeMs, dtS, voltagePu }: Surroundings): void {
    this.#setpoints.step(timeMs);
    if (voltagePu <= 0) {
      this.activePowerKw = 0;
      this.reactivePowerKvar = 0;
      return;
    }
    const { powerKw, capacityKwh, socMinPct, socMaxPct, efficiency, rampKwPerS } = this.#spec;
    const hours = dtS / 3600;
    const wished = clamp(this.#setpoints.get('activePowerKw') ?? 0, -powerKw, powerKw);
    const ramp = rampKwPerS * dtS;
    const ramped = clamp(wished, this.activePowerKw - ramp, this.activePowerKw + ramp);
    // An empty or full battery stops at once, regardless of the ramp.
    const roomKw = (Math.max(0, socMaxPct - this.#socPct) / 100) * (capacityKwh / hours / efficiency);
    const leftKw = (Math.max(0, this.#socPct - socMinPct) / 100) * (capacityKwh / hours) * efficiency;
    const power = clamp(ramped, -leftKw, roomKw);
    const stored = power > 0 ? power * efficiency : power / efficiency;
    this.#socPct = clamp(this.#socPct + (100 * stored * hours) / capacityKwh, socMinPct, socMaxPct);
    this.activePowerKw = power;
    const room = Math.sqrt(Math.max(0, this.#spec.apparentPowerKva ** 2 - power ** 2));
    const most = Math.min(this.#spec.maxReactiveKvar, room);
    this.reactivePowerKvar = clamp(this.#setpoints.get('reactivePowerKvar') ?? 0, -most, most);
  }

  values(): Values {
    return {
      activePowerKw: this.activePowerKw,
      reactivePowerKvar: this.reactivePowerKvar,
      socPct: this.#socPct,
      activePowerSetpointKw: this.#setpoints.get('activePowerKw') ?? 0,
      reactivePowerSetpointKvar: this.#setpoints.get('reactivePowerKvar') ?? 0,
    };
  }

  snapshot(): State {
    return { socPct: this.#socPct, activePowerKw: this.activePowerKw, setpoints: this.#setpoints.snapshot() };
  }

  restore(state: unknown): void {
    const { socPct, activePowerKw, setpoints } = state as State;
    this.#socPct = socPct;
    this.activePowerKw = activePowerKw;
    this.#setpoints.restore(setpoints);
  }
}

export const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));
