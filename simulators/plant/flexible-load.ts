import { clamp } from './battery.ts';
import type { Device, Surroundings, Values } from './device.ts';
import { DAY_MS } from './ev-sessions.ts';
import { Setpoints, type DeviceCommand, type SetpointState } from './setpoints.ts';
import type { FlexSpec } from './spec.ts';

interface State {
  readonly putOffKwh: number;
  readonly setpoints: SetpointState;
}

const DEAD_TIME_MS = 1000;
const POWER_FACTOR_TAN = 0.33;
/** Time over which deferred energy comes back. */
const PAYBACK_HOURS = 2;

/** Power that a cold store draws without control, kW; higher by day. */
export const flexBaseKw = (spec: FlexSpec, timeMs: number): number =>
  spec.ratedKw * (0.5 - 0.15 * Math.cos(2 * Math.PI * ((timeMs % DAY_MS) / DAY_MS - 0.08)));

/** Load that can be deferred or taken ahead within a buffer. Deferred energy comes back; energy taken ahead is saved later. */
export class FlexibleLoad implements Device {
  readonly id: string;
  readonly #spec: FlexSpec;
  readonly #setpoints: Setpoints;
  #putOffKwh = 0;
  #wishedKw = 0;
  activePowerKw = 0;
  reactivePowerKvar = 0;

  constructor(spec: FlexSpec) {
    this.id = spec.id;
    this.#spec = spec;
    this.#setpoints = new Setpoints({ deadTimeMs: DEAD_TIME_MS, revertAfterS: spec.revertAfterS, fallback: {} });
  }

  command(command: DeviceCommand, nowMs: number): void {
    this.#setpoints.take(command, nowMs);
  }

  step({ timeMs, dtS, voltagePu }: Surroundings): void {
    this.#setpoints.step(timeMs);
    const { ratedKw, minimumKw, bufferKwh } = this.#spec;
    const hours = dtS / 3600;
    const base = flexBaseKw(this.#spec, timeMs - dtS * 500);
    this.#wishedKw = clamp(base + this.#putOffKwh / PAYBACK_HOURS, minimumKw, ratedKw);
    if (voltagePu <= 0) {
      this.activePowerKw = 0;
      this.reactivePowerKvar = 0;
      return;
    }
    const asked = Math.min(
      this.#setpoints.get('activePowerKw') ?? this.#wishedKw,
      this.#setpoints.get('activePowerLimitKw') ?? ratedKw,
    );
    // A full buffer defers no more; an empty one takes nothing ahead.
    const least = base - Math.max(0, bufferKwh - this.#putOffKwh) / hours;
    const most = base + Math.max(0, this.#putOffKwh + bufferKwh) / hours;
    const power = clamp(clamp(asked, minimumKw, ratedKw), least, Math.max(least, most));
    this.#putOffKwh = clamp(this.#putOffKwh + (base - power) * hours, -bufferKwh, bufferKwh);
    this.activePowerKw = power;
    this.reactivePowerKvar = POWER_FACTOR_TAN * power;
  }

  values(): Values {
    return {
      activePowerKw: this.activePowerKw,
      reactivePowerKvar: this.reactivePowerKvar,
      wishedKw: this.#wishedKw,
      energyDueKwh: Math.max(0, this.#putOffKwh),
      activePowerSetpointKw: this.#setpoints.get('activePowerKw') ?? this.#wishedKw,
      activePowerLimitKw: this.#setpoints.get('activePowerLimitKw') ?? this.#spec.ratedKw,
    };
  }

  snapshot(): State {
    return { putOffKwh: this.#putOffKwh, setpoints: this.#setpoints.snapshot() };
  }

  restore(state: unknown): void {
    const { putOffKwh, setpoints } = state as State;
    this.#putOffKwh = putOffKwh;
    this.#setpoints.restore(setpoints);
  }
}
