import type { AlarmView } from '../../shared/contracts/alarm.ts';

/** Notification state of an alarm, machine time. */
export interface Notification {
  readonly alarm: number;
  /** Plant time of the notified occurrence. */
  readonly raisedAt: number;
  readonly notifiedAt: number;
  readonly escalatedAt: number | null;
}

export interface NotifyRules {
  readonly priority: 1 | 2;
  /** Undefined: no escalation. */
  readonly escalateMs: number | undefined;
}

/** State of the alarm desk at a moment, ms of machine time. */
export interface DeskNow {
  readonly now: number;
  readonly isQuiet: boolean;
  readonly isFlood: boolean;
  /** Unacknowledged alarms, most urgent first. */
  readonly alarms: readonly AlarmView[];
}

export interface NotifyMemory {
  readonly notified: ReadonlyMap<number, Notification>;
  /** When each alarm was first notified. */
  readonly since: ReadonlyMap<number, number>;
  /** When each alarm was first seen but not notified yet. */
  readonly seen: ReadonlyMap<number, number>;
  readonly lastDigestAt: number;
}

export interface Wish {
  /** `many`: outside a flood, with more places than get a message each. */
  readonly kind: 'alarms' | 'many' | 'digest' | 'escalation';
  readonly alarms: readonly AlarmView[];
}

/** How long an alarm waits for the rest of its burst, ms, by priority. */
export const WAIT_MS = { 1: 2_000, 2: 60_000, 3: Infinity } as const;
/** Shortest time between notifications of a recurring alarm, ms, by priority. */
export const AGAIN_MS = { 1: 5 * 60_000, 2: 15 * 60_000, 3: Infinity } as const;
/** Interval between digests of a flood, ms, by the priority of the most urgent new alarm. */
const DIGEST_MS = { 1: 60_000, 2: 5 * 60_000, 3: Infinity } as const;
/** Up to this many places get a message each; alarms of more places share one. */
const MOST_PLACES = 10;

/** The messages that are due: one for each source of alarms, or one for all in a flood. Unacknowledged alarms escalate once. */
export function messagesDue(
  { now, isQuiet, isFlood, alarms }: DeskNow,
  memory: NotifyMemory,
  rules: NotifyRules,
): Wish[] {
  const audible = alarms.filter(({ priority }) => priority <= rules.priority && (priority === 1 || !isQuiet));
  const fresh = audible.filter((alarm) => isFresh(alarm, now, memory.notified));
  const ripe = fresh.filter(({ id, priority }) => now - (memory.seen.get(id) ?? now) >= WAIT_MS[priority]);
  const late = audible.filter(({ id }) => isLate(id, now, memory, rules));
  const grouped = (of: readonly AlarmView[], alone: Wish['kind'], together: Wish['kind']): Wish[] => {
    const places = [...Map.groupBy(of, ({ source }) => source).values()];
    const isOne = places.length > (isFlood ? 0 : MOST_PLACES);
    return isOne ? [{ kind: together, alarms: of }] : places.map((each) => ({ kind: alone, alarms: each }));
  };
  const escalations = grouped(late, 'escalation', 'escalation');
  if (!isFlood) {
    const sources = new Set(ripe.map(({ source }) => source));
    const due = fresh.filter(({ source }) => sources.has(source));
    return [...grouped(due, 'alarms', 'many'), ...escalations];
  }
  const [first] = ripe;
  const isTime = first !== undefined && now - memory.lastDigestAt >= DIGEST_MS[first.priority];
  return [...(isTime ? [{ kind: 'digest' as const, alarms: fresh }] : []), ...escalations];
}

export function isFresh(
  { id, priority, raisedAt }: AlarmView,
  now: number,
  notified: NotifyMemory['notified'],
): boolean {
  const known = notified.get(id);
  if (known === undefined) return true;
  return known.raisedAt !== raisedAt && now - known.notifiedAt >= AGAIN_MS[priority];
}

const isLate = (id: number, now: number, { notified, since }: NotifyMemory, { escalateMs }: NotifyRules): boolean =>
  escalateMs !== undefined && notified.get(id)?.escalatedAt === null && now - (since.get(id) ?? now) >= escalateMs;

/** Whether a time of day, hh:mm, is in [from, to), which may span midnight. */
export const isWithin = (time: string, { from, to }: { readonly from: string; readonly to: string }): boolean =>
  from < to ? time >= from && time < to : time >= from || time < to;
