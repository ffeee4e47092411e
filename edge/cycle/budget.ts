import { Type, type Static } from 'typebox';
import { formatMessage } from '../../shared/sentences/message-forms.ts';
import { UNSET_BEFORE_MS } from '../../shared/time/clock.ts';
import type { ReportSettings } from './report-by-exception.ts';
import { bytesOf, trafficKinds, type Traffic, type TrafficKind } from '../uplink/traffic.ts';

/** What the uplink has carried in a calendar month (UTC), both directions; persisted. */
export const BudgetState = Type.Object({
  month: Type.String({ maxLength: 7 }),
  /** Latest month counted, if the clock was set back since. */
  latest: Type.Optional(Type.String({ maxLength: 7 })),
  bytes: Type.Number(),
  /** By kind; absent in states of versions that did not distinguish them. */
  kinds: Type.Optional(Type.Record(Type.String({ maxLength: 40 }), Type.Number())),
  warned: Type.Optional(Type.Boolean()),
});
export type BudgetState = Static<typeof BudgetState>;

export interface BudgetSettings {
  readonly mbPerMonth: number;
  readonly warnPct: number;
}

/** The pace is checked this often, plant time. */
const LOOK_MS = 60_000;
/** A month that begins after a longer gap than this may be the clock's return to it. */
const GAP_MS = 86_400_000;
/** Largest factor on the dead band, and on the minimum interval, which never exceeds the longest interval. */
const MOST = { deadband: 20, factor: 60 } as const;
/** One check changes the pace by at most this factor, because the traffic responds with a delay. */
const STEP = 2;

export interface BudgetUse {
  /** YYYY-MM, UTC. */
  readonly month: string;
  readonly usedMb: number;
  readonly mbPerMonth: number;
  /** 1: everything is reported as configured. */
  readonly thinning: number;
  /** MB by kind of traffic, largest first. */
  readonly uses: readonly { readonly kind: TrafficKind; readonly mb: number }[];
}

/**
 * Counts what the uplink carries in a month. From the warning on, the remaining budget is spread over the rest of the month: values
 * are reported later and in larger steps, as far as needed. Each value is still reported at its longest interval, so none looks
 * dead. Plans, events and acknowledgements are never thinned.
 */
export class DataBudget {
  readonly #settings: BudgetSettings;
  #state: BudgetState = { month: '', bytes: 0 };
  #factor = 1;
  /** Time and byte count at the last check. */
  #look: { readonly time: number; readonly bytes: number } | undefined;

  constructor(settings: BudgetSettings) {
    this.#settings = settings;
  }

  get state(): BudgetState {
    return this.#state;
  }

  get use(): BudgetUse {
    const { month, bytes, kinds = {} } = this.#state;
    const { mbPerMonth } = this.#settings;
    const uses = trafficKinds
      .map((kind) => ({ kind, mb: toMb(kinds[kind] ?? 0) }))
      .filter(({ mb }) => mb > 0)
      .toSorted((a, b) => b.mb - a.mb);
    return { month, usedMb: toMb(bytes), mbPerMonth, thinning: Math.round(this.#factor * 10) / 10, uses };
  }

  restore(state: BudgetState): void {
    this.#state = state;
    if (this.#usedPct() >= 100) this.#factor = MOST.factor;
  }

  /** Adds the traffic up to plant time `time`. Returns a warning once a month, when the configured share is reached. */
  note(traffic: Traffic, time: number): string | null {
    this.#turn(time);
    const kinds = { ...this.#state.kinds };
    for (const [kind, bytes] of Object.entries(traffic)) kinds[kind] = (kinds[kind] ?? 0) + bytes;
    this.#state = { ...this.#state, bytes: this.#state.bytes + bytesOf(traffic), kinds };
    this.#pace(time);
    const pct = this.#usedPct();
    if (this.#state.warned === true || pct < this.#settings.warnPct) return null;
    this.#state = { ...this.#state, warned: true };
    return formatMessage(
      'uplink.budget',
      'the uplink has used {share} % of {budget} MB this month; values are reported later and by larger steps, so that the rest lasts',
      { share: pct.toFixed(0), budget: this.#settings.mbPerMonth },
    );
  }

  /**
   * A later month starts a new count. An unset clock says nothing about the month, and a clock set back does not reset the usage, nor
   * does its return: a gateway without a clock battery starts in 1970 each time, or at the date when its system was built.
   */
  #turn(time: number): void {
    const month = monthOf(time);
    if (time < UNSET_BEFORE_MS || month === this.#state.month) return;
    const { latest = this.#state.month } = this.#state;
    const gapMs = time - (this.#look?.time ?? 0);
    if (month < this.#state.month || (month === latest && gapMs > GAP_MS)) {
      this.#state = { ...this.#state, month, latest };
      this.#look = undefined;
      return;
    }
    this.#state = { month, bytes: 0 };
    this.#factor = 1;
    this.#look = undefined;
  }

  /** The reporting settings after thinning. */
  thinned(settings: ReportSettings): ReportSettings {
    if (this.#factor <= 1) return settings;
    return {
      deadbandPct: settings.deadbandPct * Math.min(this.#factor, MOST.deadband),
      minIntervalS: Math.min(settings.minIntervalS * this.#factor, settings.maxIntervalS),
      maxIntervalS: settings.maxIntervalS,
    };
  }

  /** Compares the bytes since the last check with the share of the remaining budget for that span, and adjusts the factor. */
  #pace(time: number): void {
    const { bytes } = this.#state;
    const look = this.#look;
    if (look === undefined || time < look.time) this.#look = { time, bytes };
    const spanMs = time - (look?.time ?? time);
    if (this.#usedPct() >= 100) this.#factor = MOST.factor;
    if (look === undefined || spanMs < LOOK_MS) return;
    this.#look = { time, bytes };
    const leftBytes = this.#settings.mbPerMonth * 1e6 - bytes;
    if (this.#usedPct() < this.#settings.warnPct || leftBytes <= 0) return;
    const allowed = (leftBytes * spanMs) / (monthEnd(time) - time);
    const change = Math.min(STEP, Math.max(1 / STEP, (bytes - look.bytes) / allowed));
    this.#factor = Math.min(MOST.factor, Math.max(1, this.#factor * change));
  }

  #usedPct(): number {
    return (100 * this.#state.bytes) / (this.#settings.mbPerMonth * 1e6);
  }
}

const toMb = (bytes: number): number => Math.round(bytes / 1e4) / 100;

const monthOf = (time: number): string => new Date(time).toISOString().slice(0, 7);

/** First instant of the month after `time`, ms UTC. */
function monthEnd(time: number): number {
  const date = new Date(time);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}
