import type { AlarmView } from '../../shared/contracts/alarm.ts';

/** What of an alarm was mailed, machine time. */
export interface Told {
  readonly alarm: number;
  /** Of the occurrence that was told, plant time. */
  readonly raisedAt: number;
  readonly toldAt: number;
  readonly escalatedAt: number | null;
}

export interface NotifyRules {
  readonly priority: 1 | 2;
  /** Undefined: nobody is told later. */
  readonly escalateMs: number | undefined;
}

/** The desk at a moment, ms of machine time. */
export interface DeskNow {
  readonly now: number;
  readonly isQuiet: boolean;
  readonly isFlood: boolean;
  /** Unacknowledged, most urgent first. */
  readonly alarms: readonly AlarmView[];
}

export interface NotifyMemory {
  readonly told: ReadonlyMap<number, Told>;
  /** When each alarm was told first. */
  readonly since: ReadonlyMap<number, number>;
  /** When each alarm was first seen untold. */
  readonly seen: ReadonlyMap<number, number>;
  readonly lastDigestAt: number;
}

export interface Wish {
  /** `many`: outside a flood, of more places than get a mail each. */
  readonly kind: 'alarms' | 'many' | 'digest' | 'escalation';
  readonly alarms: readonly AlarmView[];
}

/** What comes together goes together: so long an alarm waits for the rest of its burst, ms. */
export const WAIT_MS = { 1: 2_000, 2: 60_000, 3: Infinity } as const;
/** The same alarm that comes again is told again after so long, ms. */
export const AGAIN_MS = { 1: 5 * 60_000, 2: 15 * 60_000, 3: Infinity } as const;
/** Between two digests of a flood, ms; with a new alarm of priority 1 sooner. */
const DIGEST_MS = { 1: 60_000, 2: 5 * 60_000, 3: Infinity } as const;
/** So many places get a mail each; alarms of more, such as those of a night, go as one. */
const MOST_PLACES = 10;

/** Which mails are due: one for each source of alarms, one for all in a flood; what nobody acknowledges goes to the next ones, once. */
export function messagesDue(
  { now, isQuiet, isFlood, alarms }: DeskNow,
  memory: NotifyMemory,
  rules: NotifyRules,
): Wish[] {
  const audible = alarms.filter(({ priority }) => priority <= rules.priority && (priority === 1 || !isQuiet));
  const fresh = audible.filter((alarm) => isFresh(alarm, now, memory.told));
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

export function isFresh({ id, priority, raisedAt }: AlarmView, now: number, told: NotifyMemory['told']): boolean {
  const known = told.get(id);
  if (known === undefined) return true;
  return known.raisedAt !== raisedAt && now - known.toldAt >= AGAIN_MS[priority];
}

const isLate = (id: number, now: number, { told, since }: NotifyMemory, { escalateMs }: NotifyRules): boolean =>
  escalateMs !== undefined && told.get(id)?.escalatedAt === null && now - (since.get(id) ?? now) >= escalateMs;

/** Whether a time of day, hh:mm, lies in [from, to), which may pass midnight. */
export const isWithin = (time: string, { from, to }: { readonly from: string; readonly to: string }): boolean =>
  from < to ? time >= from && time < to : time >= from || time < to;
