import { Type, type Static } from 'typebox';
import type { Frame } from '../../shared/contracts/frame.ts';
import type { ReportSettings } from './report-by-exception.ts';

/** What telemetry has cost in a calendar month (UTC), persisted. */
export const BudgetState = Type.Object({ month: Type.String({ maxLength: 7 }), bytes: Type.Number() });
export type BudgetState = Static<typeof BudgetState>;

export interface BudgetSettings {
  readonly mbPerMonth: number;
  readonly warnPct: number;
}

/** A frame as a Sparkplug payload in MQTT over TCP: topic, identity and headers, then each value. Estimated, rather high. */
const FRAME_BYTES = 110;
const VALUE_BYTES = 18;

/** Beyond the budget: a wider dead band and longer gaps; an unchanged value is still reported in time. */
const THIN = { deadband: 3, interval: 4 } as const;

/** Counts what telemetry sends in a month; beyond the budget it thins out. Plans, events and acknowledgements never do. */
export class DataBudget {
  readonly #settings: BudgetSettings;
  #state: BudgetState = { month: '', bytes: 0 };
  #warned = false;

  constructor(settings: BudgetSettings) {
    this.#settings = settings;
  }

  get state(): BudgetState {
    return this.#state;
  }

  restore(state: BudgetState): void {
    this.#state = state;
  }

  /** Notes frames sent at plant time `time`; answers a warning once a month when the share that was set is reached. */
  note(frames: readonly Frame[], time: number): string | null {
    const month = new Date(time).toISOString().slice(0, 7);
    if (month !== this.#state.month) {
      this.#state = { month, bytes: 0 };
      this.#warned = false;
    }
    const bytes = frames.reduce((sum, { values }) => sum + FRAME_BYTES + VALUE_BYTES * values.length, 0);
    this.#state = { month, bytes: this.#state.bytes + bytes };
    const pct = this.#usedPct();
    if (this.#warned || pct < this.#settings.warnPct) return null;
    this.#warned = true;
    return `telemetry has used ${pct.toFixed(0)} % of ${this.#settings.mbPerMonth} MB this month; beyond it, it thins out`;
  }

  /** The settings by which values are reported now. */
  thinned(settings: ReportSettings): ReportSettings {
    if (this.#usedPct() < 100) return settings;
    return {
      deadbandPct: settings.deadbandPct * THIN.deadband,
      minIntervalS: Math.min(settings.minIntervalS * THIN.interval, settings.maxIntervalS),
      maxIntervalS: settings.maxIntervalS,
    };
  }

  #usedPct(): number {
    return (100 * this.#state.bytes) / (this.#settings.mbPerMonth * 1e6);
  }
}
