/** A command to a device, in the load convention; a limit is a magnitude in the device's own direction. */
export interface DeviceCommand {
  readonly activePowerKw?: number;
  readonly reactivePowerKvar?: number;
  readonly activePowerLimitKw?: number;
  readonly voltageTargetPu?: number;
  readonly capacitorStep?: number;
  /** Revert time of this command; replaces the device's own. */
  readonly revertAfterS?: number;
}

export type SetpointKey = Exclude<keyof DeviceCommand, 'revertAfterS'>;
export const setpointKeys: readonly SetpointKey[] = [
  'activePowerKw',
  'reactivePowerKvar',
  'activePowerLimitKw',
  'voltageTargetPu',
  'capacitorStep',
];

interface Held {
  readonly key: SetpointKey;
  readonly value: number;
  readonly dueMs: number;
  readonly untilMs: number;
}

export interface SetpointState {
  readonly waiting: readonly Held[];
  readonly held: readonly Held[];
  /** Keys whose commands stopped; the device stays on its fallback until the next command. */
  readonly reverted: readonly SetpointKey[];
}

/** Setpoints with dead time. The device reverts each setpoint with its own timer. */
export class Setpoints {
  readonly #deadTimeMs: number;
  readonly #revertAfterS: number;
  readonly #fallback: Readonly<Partial<Record<SetpointKey, number>>>;
  #waiting: Held[] = [];
  #held = new Map<SetpointKey, Held>();
  #reverted = new Set<SetpointKey>();

  constructor(options: {
    readonly deadTimeMs: number;
    readonly revertAfterS: number;
    readonly fallback: Readonly<Partial<Record<SetpointKey, number>>>;
  }) {
    this.#deadTimeMs = options.deadTimeMs;
    this.#revertAfterS = options.revertAfterS;
    this.#fallback = options.fallback;
  }

  take(command: DeviceCommand, nowMs: number): void {
    const dueMs = nowMs + this.#deadTimeMs;
    const untilMs = dueMs + (command.revertAfterS ?? this.#revertAfterS) * 1000;
    for (const key of setpointKeys) {
      const value = command[key];
      if (value === undefined) continue;
      this.#waiting = this.#waiting.filter((each) => each.key !== key || each.dueMs < dueMs).slice(-16);
      this.#waiting.push({ key, value, dueMs, untilMs });
    }
  }

  /** Applies the setpoints that are due and reverts those that have expired. */
  step(nowMs: number): void {
    if (this.#waiting.length > 0) {
      for (const each of this.#waiting) {
        if (each.dueMs > nowMs) continue;
        this.#held.set(each.key, each);
        this.#reverted.delete(each.key);
      }
      this.#waiting = this.#waiting.filter((each) => each.dueMs > nowMs);
    }
    for (const [key, { untilMs }] of this.#held) {
      if (untilMs > nowMs) continue;
      this.#held.delete(key);
      this.#reverted.add(key);
    }
  }

  /** The setpoint in force; the fallback after commands stopped; undefined if none ever came. */
  get(key: SetpointKey): number | undefined {
    return this.#held.get(key)?.value ?? (this.#reverted.has(key) ? this.#fallback[key] : undefined);
  }

  snapshot(): SetpointState {
    return { waiting: [...this.#waiting], held: [...this.#held.values()], reverted: [...this.#reverted] };
  }

  restore(state: SetpointState): void {
    this.#waiting = [...state.waiting];
    this.#held = new Map(state.held.map((each) => [each.key, each]));
    this.#reverted = new Set(state.reverted);
  }
}
