import type { EventParameters } from '../../../shared/contracts/event.ts';
import type { AlarmAct, AlarmPriority, AlarmState } from '../../../shared/contracts/alarm.ts';

/** Reporters of a condition; one is enough for it to hold. */
export type Teller = 'cloud' | 'gateway';

/** One alarm: its condition, the acts on it, and its delays. Times are ms UTC of plant time. */
export interface Alarm {
  readonly id: number;
  readonly source: string;
  readonly code: string;
  readonly device: string | null;
  readonly subject: string | null;
  readonly text: string;
  /** Values of its text; absent: its source sends only the text. */
  readonly parameters?: EventParameters;
  readonly priority: AlarmPriority;
  /** The reporters who say that the condition holds. */
  readonly tellers: readonly Teller[];
  /** When the condition last began or ceased to hold. */
  readonly conditionSince: number;
  /** The condition after its delays. */
  readonly active: boolean;
  /** It was raised and is not acknowledged yet. */
  readonly open: boolean;
  /** Whether it was announced since it was last raised. An alarm that was only suppressed by a parent is not announced twice. */
  readonly told: boolean;
  readonly raisedAt: number | null;
  readonly returnedAt: number | null;
  readonly acknowledged: AlarmAct | null;
  readonly shelved: (AlarmAct & { readonly until: number }) | null;
  readonly outOfService: AlarmAct | null;
  readonly suppressedBy: number | null;
  readonly firstOut: boolean;
  readonly occurrences: number;
  /** After a reporter's restart, the alarm is gone unless that reporter confirms it by then. */
  readonly confirmBy: Readonly<Partial<Record<Teller, number>>>;
}

/** Delays of an alarm (ISA-18.2: on-delay, off-delay), ms. */
export interface Delays {
  readonly onMs: number;
  readonly offMs: number;
}

/** ISA-18.2, 6.2: the longest time for which an alarm may be shelved. */
export const MOST_SHELVED_MS = 12 * 3_600_000;

/** The state of an alarm, by precedence: out of service, suppressed, shelved, then its condition. */
export function stateOf(alarm: Alarm): AlarmState {
  if (alarm.outOfService !== null) return 'out-of-service';
  if (alarm.suppressedBy !== null) return 'suppressed';
  if (alarm.shelved !== null) return 'shelved';
  if (alarm.active) return alarm.open ? 'unacknowledged' : 'acknowledged';
  return alarm.open ? 'returned' : 'normal';
}

/** States shown to the operator as standing. */
export const isStanding = (state: AlarmState): boolean =>
  state === 'unacknowledged' || state === 'acknowledged' || state === 'returned';

/** Nothing but history is left of it. */
export const isOver = (alarm: Alarm): boolean =>
  stateOf(alarm) === 'normal' && alarm.tellers.length === 0 && !alarm.active;

const hidden = (alarm: Alarm): boolean =>
  alarm.outOfService !== null || alarm.suppressedBy !== null || alarm.shelved !== null;

/** Advances time: delays and shelving expire, unconfirmed alarms end. */
export function advance(alarm: Alarm, delays: Delays, now: number): Alarm {
  let next = unconfirmedGone(alarm, now);
  const holds = next.tellers.length > 0;
  const due = next.conditionSince + (holds ? delays.onMs : delays.offMs);
  if (holds !== next.active && now >= due) next = holds ? raised(next, due) : returned(next, due);
  if (next.shelved !== null && now >= next.shelved.until)
    next = { ...next, shelved: null, ...(next.active ? { open: true, told: false, acknowledged: null } : {}) };
  return next;
}

const raised = (alarm: Alarm, at: number): Alarm => ({
  ...alarm,
  active: true,
  open: true,
  told: false,
  acknowledged: null,
  raisedAt: at,
  returnedAt: null,
  occurrences: alarm.occurrences + 1,
});

/** An alarm that came and went while hidden is not announced later. */
const returned = (alarm: Alarm, at: number): Alarm => ({
  ...alarm,
  active: false,
  returnedAt: at,
  open: alarm.open && !hidden(alarm),
  suppressedBy: null,
});

function unconfirmedGone(alarm: Alarm, now: number): Alarm {
  const late = alarm.tellers.filter((teller) => now >= (alarm.confirmBy[teller] ?? Infinity));
  return late.reduce((each, teller) => withReport(each, teller, { holds: false, at: now }), alarm);
}

/** Applies a report of whether the condition holds. A repeated report only confirms it. */
export function withReport(
  alarm: Alarm,
  teller: Teller,
  { holds, at }: { readonly holds: boolean; readonly at: number },
): Alarm {
  const others = alarm.tellers.filter((each) => each !== teller);
  const tellers = holds ? [...others, teller] : others;
  const { [teller]: _confirmed, ...confirmBy } = alarm.confirmBy;
  const flips = tellers.length > 0 !== alarm.tellers.length > 0;
  return { ...alarm, tellers, confirmBy, conditionSince: flips ? at : alarm.conditionSince };
}

/** No change if it is acknowledged already or was not raised. */
export const acknowledged = (alarm: Alarm, act: AlarmAct): Alarm =>
  alarm.open ? { ...alarm, open: false, acknowledged: act, firstOut: false } : alarm;

/** Hides the alarm until a time, at most twelve hours ahead. */
export const shelved = (alarm: Alarm, act: AlarmAct, until: number): Alarm => ({
  ...alarm,
  shelved: { ...act, until: Math.min(until, act.at + MOST_SHELVED_MS) },
  firstOut: false,
});

export const unshelved = (alarm: Alarm): Alarm => ({ ...alarm, shelved: null });

export const outOfService = (alarm: Alarm, act: AlarmAct): Alarm => ({ ...alarm, outOfService: act, firstOut: false });

/** An alarm that stands when it returns to service needs a new acknowledgement. */
export const backInService = (alarm: Alarm): Alarm => ({
  ...alarm,
  outOfService: null,
  ...(alarm.active ? { open: true, told: false, acknowledged: null } : {}),
});

/**
 * Whether a value is beyond a limit, with hysteresis (ISA-18.2: dead band): once beyond, it must come back inside by `deadBand`. The same
 * unit for all three; `value` and `limit` as magnitudes.
 */
export const beyond = (
  was: boolean,
  { value, limit, deadBand }: { readonly value: number; readonly limit: number; readonly deadBand: number },
): boolean => value > (was ? limit - deadBand : limit);
