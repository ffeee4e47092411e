import type { AlarmView } from '../../shared/contracts/alarm.ts';

/** What of an alarm was mailed, machine time. */
export interface Told {
  readonly alarm: number;
  /** Of the occurrence that was told, plant time. */
  readonly raisedAt: number;
  readonly toldAt: number;
  readonly escalatedAt: number | null;
}

export interface MailRules {
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

export interface MailMemory {
  readonly told: ReadonlyMap<number, Told>;
  /** When each alarm was first seen untold. */
  readonly seen: ReadonlyMap<number, number>;
  readonly lastDigestAt: number;
}

export interface MailWish {
  readonly kind: 'alarms' | 'digest' | 'escalation';
  readonly alarms: readonly AlarmView[];
}

/** What comes together goes together: so long an alarm waits for the rest of its burst, ms. */
export const WAIT_MS = { 1: 2_000, 2: 60_000, 3: Infinity } as const;
/** The same alarm that comes again is told again after so long, ms. */
export const AGAIN_MS = { 1: 5 * 60_000, 2: 15 * 60_000, 3: Infinity } as const;
/** Between two digests of a flood, ms; with a new alarm of priority 1 sooner. */
const DIGEST_MS = { 1: 60_000, 2: 5 * 60_000, 3: Infinity } as const;

/** Which mails are due: one for each source of alarms, one for all in a flood; what nobody acknowledges goes to the next ones, once. */
export function mailsDue({ now, isQuiet, isFlood, alarms }: DeskNow, memory: MailMemory, rules: MailRules): MailWish[] {
  const audible = alarms.filter(({ priority }) => priority <= rules.priority && (priority === 1 || !isQuiet));
  const fresh = audible.filter((alarm) => isFresh(alarm, now, memory.told));
  const ripe = fresh.filter(({ id, priority }) => now - (memory.seen.get(id) ?? now) >= WAIT_MS[priority]);
  const late = audible.filter(({ id }) => isLate(memory.told.get(id), now, rules));
  const grouped = (kind: MailWish['kind'], of: readonly AlarmView[]): MailWish[] =>
    isFlood
      ? of.length === 0
        ? []
        : [{ kind, alarms: of }]
      : [...Map.groupBy(of, ({ source }) => source).values()].map((group) => ({ kind, alarms: group }));
  const escalations = grouped('escalation', late);
  if (!isFlood) {
    const sources = new Set(ripe.map(({ source }) => source));
    const mails = grouped(
      'alarms',
      fresh.filter(({ source }) => sources.has(source)),
    );
    return [...mails, ...escalations];
  }
  const [first] = ripe;
  const isTime = first !== undefined && now - memory.lastDigestAt >= DIGEST_MS[first.priority];
  return [...(isTime ? [{ kind: 'digest' as const, alarms: fresh }] : []), ...escalations];
}

export function isFresh({ id, priority, raisedAt }: AlarmView, now: number, told: MailMemory['told']): boolean {
  const known = told.get(id);
  if (known === undefined) return true;
  return known.raisedAt !== raisedAt && now - known.toldAt >= AGAIN_MS[priority];
}

const isLate = (told: Told | undefined, now: number, { escalateMs }: MailRules): boolean =>
  told !== undefined && escalateMs !== undefined && told.escalatedAt === null && now - told.toldAt >= escalateMs;

/** Whether a time of day, hh:mm, lies in [from, to), which may pass midnight. */
export const isWithin = (time: string, { from, to }: { readonly from: string; readonly to: string }): boolean =>
  from < to ? time >= from && time < to : time >= from || time < to;
