import type { EventParameters } from '../../../shared/contracts/event.ts';
import type { AlarmAct, AlarmPriority, AlarmState } from '../../../shared/contracts/alarm.ts';

/** Who may say that a condition holds: one of them is enough. */
export type Teller = 'cloud' | 'gateway';

/** One alarm with its condition, what people did to it, and where its delays stand. Times are ms UTC of plant time. */
export interface Alarm {
  readonly id: number;
  readonly source: string;
  readonly code: string;
  readonly device: string | null;
  readonly subject: string | null;
  readonly text: string;
  /** What its sentence is made of; absent: its source tells the text alone. */
  readonly parameters?: EventParameters;
  readonly priority: AlarmPriority;
  /** Whoever says that the condition holds. */
  readonly tellers: readonly Teller[];
  /** When `tellers` last became empty or ceased to be. */
  readonly conditionSince: number;
  /** The condition behind its delays. */
  readonly active: boolean;
  /** It came, and nobody has acknowledged it since. */
  readonly open: boolean;
  /** Whether it was announced since it last came. An alarm that was only hidden by a parent is not announced twice. */
  readonly told: boolean;
  readonly raisedAt: number | null;
  readonly returnedAt: number | null;
  readonly acknowledged: AlarmAct | null;
  readonly shelved: (AlarmAct & { readonly until: number }) | null;
  readonly outOfService: AlarmAct | null;
  readonly suppressedBy: number | null;
  readonly firstOut: boolean;
  readonly occurrences: number;
  /** After a reporter's restart: it is gone unless that reporter confirms it by then. */
  readonly confirmBy: Readonly<Partial<Record<Teller, number>>>;
}

/** What delays an alarm (ISA-18.2: on-delay, off-delay), ms. */
export interface Delays {
  readonly onMs: number;
  readonly offMs: number;
}

/** ISA-18.2, 6.2: the longest time for which an alarm may be shelved. */
export const MOST_SHELVED_MS = 12 * 3_600_000;

/** The state of an alarm by precedence: out of service, suppressed, shelved, then its condition. */
export function stateOf(alarm: Alarm): AlarmState {
  if (alarm.outOfService !== null) return 'out-of-service';
  if (alarm.suppressedBy !== null) return 'suppressed';
  if (alarm.shelved !== null) return 'shelved';
  if (alarm.active) return alarm.open ? 'unacknowledged' : 'acknowledged';
  return alarm.open ? 'returned' : 'normal';
}

/** States that stand before the operator. */
export const isStanding = (state: AlarmState): boolean =>
  state === 'unacknowledged' || state === 'acknowledged' || state === 'returned';

/** Nothing is left of it but history. */
export const isOver = (alarm: Alarm): boolean =>
  stateOf(alarm) === 'normal' && alarm.tellers.length === 0 && !alarm.active;

const hidden = (alarm: Alarm): boolean =>
  alarm.outOfService !== null || alarm.suppressedBy !== null || alarm.shelved !== null;

/** Advances time: delays end, shelves end, unconfirmed alarms go. */
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

/** What came and went unannounced is not announced later. */
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

/** Applies a report of whether the condition holds. A repetition confirms it and changes nothing. */
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

/** Acknowledges it. No change if it is acknowledged already or not there. */
export const acknowledged = (alarm: Alarm, act: AlarmAct): Alarm =>
  alarm.open ? { ...alarm, open: false, acknowledged: act, firstOut: false } : alarm;

/** Away from the desk until a time, at most twelve hours on. */
export const shelved = (alarm: Alarm, act: AlarmAct, until: number): Alarm => ({
  ...alarm,
  shelved: { ...act, until: Math.min(until, act.at + MOST_SHELVED_MS) },
  firstOut: false,
});

export const unshelved = (alarm: Alarm): Alarm => ({ ...alarm, shelved: null });

export const outOfService = (alarm: Alarm, act: AlarmAct): Alarm => ({ ...alarm, outOfService: act, firstOut: false });

/** An alarm still standing when it returns to service needs a new acknowledgement. */
export const backInService = (alarm: Alarm): Alarm => ({
  ...alarm,
  outOfService: null,
  ...(alarm.active ? { open: true, told: false, acknowledged: null } : {}),
});

/**
 * Whether a value is beyond a limit, with hysteresis (ISA-18.2: dead band): one that was stays so until it is back inside by
 * `deadBand`. Same unit for all three; `value` and `limit` as magnitudes.
 */
export const beyond = (
  was: boolean,
  { value, limit, deadBand }: { readonly value: number; readonly limit: number; readonly deadBand: number },
): boolean => value > (was ? limit - deadBand : limit);
