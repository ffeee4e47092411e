/** A daily or weekly time in UTC. Schedules are UTC only: local time jumps twice a year. */
export interface CalendarRule {
  /** 0 Sunday to 6 Saturday; absent: every day. */
  readonly weekday?: number;
  /** hh:mm, UTC. */
  readonly at: string;
}

const DAY_MS = 86_400_000;

/** The last time at or before `now` (ms UTC) at which the rule fell due. */
export function lastDue(rule: CalendarRule, now: number): number {
  const [hours, minutes] = rule.at.split(':').map(Number);
  const midnight = now - (((now % DAY_MS) + DAY_MS) % DAY_MS);
  let due = midnight + (hours! * 60 + minutes!) * 60_000;
  while (due > now || (rule.weekday !== undefined && new Date(due).getUTCDay() !== rule.weekday)) due -= DAY_MS;
  return due;
}

/**
 * True if the rule fell due after the last run: a run missed while the process was down is caught up, once. A last run more than a day
 * ahead comes from a clock that has been set back since.
 */
export const isDue = (rule: CalendarRule, lastRun: number, now: number): boolean =>
  lastRun < lastDue(rule, now) || lastRun > now + DAY_MS;
