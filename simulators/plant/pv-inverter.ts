import { droopFall, gridCodes, type GridCode } from '../../shared/grid/grid-codes.ts';
import { curveAt, responseShare } from '../../shared/grid/inverter-curves.ts';
import { clamp } from './battery.ts';
import type { Device, Surroundings, Values } from './device.ts';
import { Setpoints, type DeviceCommand, type SetpointState } from './setpoints.ts';
import type { Consequences, PvSpec } from './spec.ts';

interface State {
  readonly limitKw: number;
  readonly reactivePowerKvar: number;
  readonly wattShare: number;
  readonly droopFall?: number;
  readonly highS: number;
  readonly veryHighS: number;
  readonly tripped: boolean;
  readonly healthyS: number;
  readonly setpoints: SetpointState;
}

const DEAD_TIME_MS = 500;
/** Share of the rating by which the limit moves per second. */
const RAMP_PER_S = 0.2;
const TRIP = { highPu: 1.1, highS: 2, veryHighPu: 1.2, veryHighS: 0.16 };
/** IEEE 1547-2018, 4.10.3: reconnects after 300 s inside the band. */
const RETURN = { abovePu: 0.917, belowPu: 1.05, afterS: 300 };
/** Feeds in (negative power) what the sun gives, up to its limit. */
export class PvInverter implements Device {
  readonly id: string;
  readonly #spec: PvSpec;
  readonly #bites: Consequences;
  readonly #code: GridCode | undefined;
  readonly #setpoints: Setpoints;
  /** Largest feed-in that volt-watt allows, as a share of the rating. */
  #wattShare = 1;
  /** Reduction of the feed-in by frequency droop, as a share of the rating. */
  #droopFall = 0;
  #limitKw: number;
  #availableKw = 0;
  #highS = 0;
  #veryHighS = 0;
  #tripped = false;
  #healthyS = 0;
  activePowerKw = 0;
  reactivePowerKvar = 0;

  constructor(spec: PvSpec, bites: Consequences) {
    this.id = spec.id;
    this.#spec = spec;
    this.#bites = bites;
    this.#code = bites.curves === undefined ? undefined : gridCodes[bites.curves];
    this.#limitKw = spec.ratedKw;
    this.#setpoints = new Setpoints({
      deadTimeMs: DEAD_TIME_MS,
      revertAfterS: spec.revertAfterS,
      fallback: { activePowerLimitKw: spec.safeLimitKw },
    });
  }

  get tripped(): boolean {
    return this.#tripped;
  }

  command(command: DeviceCommand, nowMs: number): void {
    this.#setpoints.take(command, nowMs);
  }

  step({ timeMs, dtS, voltagePu, frequencyHz, sun }: Surroundings): void {
    const { ratedKw, apparentPowerKva, maxReactiveKvar } = this.#spec;
    this.#setpoints.step(timeMs);
    this.#availableKw = clamp(ratedKw * sun, 0, ratedKw);
    this.#protect(voltagePu, dtS);
    if (voltagePu <= 0 || this.#tripped) {
      this.activePowerKw = 0;
      this.reactivePowerKvar = 0;
      return;
    }
    const limit = this.#limit();
    const ramp = RAMP_PER_S * ratedKw * dtS;
    this.#limitKw = clamp(limit, this.#limitKw - ramp, this.#limitKw + ramp);
    const free = Math.min(this.#availableKw, this.#limitKw, ratedKw * this.#watts(voltagePu, dtS));
    const fed = Math.min(free, ratedKw * this.#droop(frequencyHz, free / ratedKw, dtS));
    this.activePowerKw = fed === 0 ? 0 : -fed;
    const most = Math.min(maxReactiveKvar, Math.sqrt(Math.max(0, apparentPowerKva ** 2 - fed ** 2)));
    this.reactivePowerKvar = clamp(this.#reactive(voltagePu, fed / ratedKw, dtS), -most, most);
  }

  values(): Values {
    return {
      activePowerKw: this.activePowerKw,
      reactivePowerKvar: this.reactivePowerKvar,
      availableKw: this.#availableKw,
      activePowerLimitKw: this.#limit(),
      reactivePowerSetpointKvar: this.#setpoints.get('reactivePowerKvar') ?? 0,
    };
  }

  snapshot(): State {
    return {
      limitKw: this.#limitKw,
      reactivePowerKvar: this.reactivePowerKvar,
      wattShare: this.#wattShare,
      droopFall: this.#droopFall,
      highS: this.#highS,
      veryHighS: this.#veryHighS,
      tripped: this.#tripped,
      healthyS: this.#healthyS,
      setpoints: this.#setpoints.snapshot(),
    };
  }

  restore(state: unknown): void {
    const from = state as State;
    this.#limitKw = from.limitKw;
    this.reactivePowerKvar = from.reactivePowerKvar;
    this.#wattShare = from.wattShare;
    this.#droopFall = from.droopFall ?? 0;
    this.#highS = from.highS;
    this.#veryHighS = from.veryHighS;
    this.#tripped = from.tripped;
    this.#healthyS = from.healthyS;
    this.#setpoints.restore(from.setpoints);
  }

  /** A power setpoint acts as a limit too: an inverter cannot feed in more than the sun gives. */
  #limit(): number {
    const limit = this.#setpoints.get('activePowerLimitKw') ?? this.#spec.ratedKw;
    const power = this.#setpoints.get('activePowerKw');
    return clamp(power === undefined ? limit : Math.min(limit, -power), 0, this.#spec.ratedKw);
  }

  #reactive(voltagePu: number, fedShare: number, dtS: number): number {
    const setpoint = this.#setpoints.get('reactivePowerKvar');
    if (setpoint !== undefined) return setpoint;
    if (this.#code === undefined) return 0;
    const byPower = this.#bites.wattVar === true;
    const { curve, responseS } = byPower ? this.#code.wattVar : this.#code.voltVar;
    const goal = this.#spec.apparentPowerKva * curveAt(curve, byPower ? fedShare : voltagePu);
    return this.reactivePowerKvar + (goal - this.reactivePowerKvar) * responseShare(responseS, dtS);
  }

  #watts(voltagePu: number, dtS: number): number {
    if (this.#code === undefined) return 1;
    const { curve, responseS } = this.#code.voltWatt;
    this.#wattShare += (curveAt(curve, voltagePu) - this.#wattShare) * responseShare(responseS, dtS);
    return this.#wattShare;
  }

  /** Feed-in that frequency droop allows, as a share of the rating; never above `freeShare`. */
  #droop(frequencyHz: number | undefined, freeShare: number, dtS: number): number {
    if (this.#code === undefined) return 1;
    const { droop } = this.#code;
    const goal = droopFall(droop, frequencyHz ?? droop.nominalHz);
    this.#droopFall += (goal - this.#droopFall) * responseShare(droop.responseS, dtS);
    const fall = Math.max(0, this.#droopFall) * (droop.reference === 'rated' ? 1 : freeShare);
    return Math.max(0, freeShare - fall);
  }

  #protect(voltagePu: number, dtS: number): void {
    if (this.#bites.inverterTrips !== true) return;
    this.#highS = voltagePu > TRIP.highPu ? this.#highS + dtS : 0;
    this.#veryHighS = voltagePu > TRIP.veryHighPu ? this.#veryHighS + dtS : 0;
    if (this.#highS >= TRIP.highS || this.#veryHighS >= TRIP.veryHighS) {
      this.#tripped = true;
      this.#healthyS = 0;
    }
    if (!this.#tripped) return;
    this.#healthyS = voltagePu > RETURN.abovePu && voltagePu < RETURN.belowPu ? this.#healthyS + dtS : 0;
    if (this.#healthyS < RETURN.afterS) return;
    this.#tripped = false;
    this.#limitKw = 0;
  }
}
