import { clamp } from './battery.ts';
import type { Values } from './device.ts';
import { Setpoints, type DeviceCommand, type SetpointState } from './setpoints.ts';
import type { TapSpec } from './spec.ts';

interface State {
  readonly position: number;
  readonly outsideS: number;
  readonly moves: number;
  readonly setpoints: SetpointState;
}

export interface TapRange {
  readonly min: number;
  readonly max: number;
  readonly start: number;
}

/**
 * The transformer's own voltage controller: definite delay, dead band, line-drop compensation by imported power. The tap is on the
 * high-voltage side, so a step down raises the busbar voltage.
 */
export class TapChanger {
  readonly id: string;
  readonly #spec: TapSpec;
  readonly #range: TapRange;
  readonly #setpoints: Setpoints;
  #position: number;
  #outsideS = 0;
  #moves = 0;

  constructor(spec: TapSpec, range: TapRange) {
    this.id = spec.id;
    this.#spec = spec;
    this.#range = range;
    this.#position = range.start;
    this.#setpoints = new Setpoints({ deadTimeMs: 0, revertAfterS: spec.revertAfterS, fallback: {} });
  }

  get position(): number {
    return this.#position;
  }

  get moves(): number {
    return this.#moves;
  }

  command(command: DeviceCommand, nowMs: number): void {
    this.#setpoints.take(command, nowMs);
  }

  targetPu(): number {
    const { minTargetPu, maxTargetPu, defaultTargetPu } = this.#spec;
    return clamp(this.#setpoints.get('voltageTargetPu') ?? defaultTargetPu, minTargetPu, maxTargetPu);
  }

  /** `importPu`: active power into the busbar over the transformer's rating. */
  step(seen: {
    readonly timeMs: number;
    readonly dtS: number;
    readonly voltagePu: number;
    readonly importPu: number;
  }): void {
    this.#setpoints.step(seen.timeMs);
    if (seen.voltagePu <= 0) {
      this.#outsideS = 0;
      return;
    }
    const { bandPu, delayS, dropPu } = this.#spec;
    const off = seen.voltagePu - this.targetPu() - dropPu * seen.importPu;
    if (Math.abs(off) <= bandPu) {
      this.#outsideS = 0;
      return;
    }
    this.#outsideS += seen.dtS;
    if (this.#outsideS < delayS) return;
    this.#outsideS = 0;
    const next = clamp(this.#position + Math.sign(off), this.#range.min, this.#range.max);
    if (next !== this.#position) this.#moves++;
    this.#position = next;
  }

  values(): Values {
    return { tapPosition: this.#position, voltageTargetPu: this.targetPu() };
  }

  snapshot(): State {
    return {
      position: this.#position,
      outsideS: this.#outsideS,
      moves: this.#moves,
      setpoints: this.#setpoints.snapshot(),
    };
  }

  restore(state: unknown): void {
    const { position, outsideS, moves, setpoints } = state as State;
    this.#position = position;
    this.#outsideS = outsideS;
    this.#moves = moves;
    this.#setpoints.restore(setpoints);
  }
}
