import type { AlarmFiguresView, AlarmPriority } from '../../../shared/contracts/alarm.ts';
import { type Alarm, isStanding, stateOf } from './alarm.ts';
import { floodMs, type FloodRule, TEN_MINUTES_MS } from './flood.ts';

/** An alarm that was announced to the operator. */
export interface Announcement {
  /** ms UTC of plant time. */
  readonly at: number;
  readonly source: string;
  readonly code: string;
  readonly about: string | null;
  readonly priority: AlarmPriority;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MINUTE_MS = 60_000;
const CHATTER_COUNT = 3;
const MOST_FREQUENT = 10;

/**
 * Figures of ISA-18.2, 16.5 and EEMUA 191 over [from, to). Announcements are ascending and include the ten minutes before `from`, so that a
 * running flood counts. `now`: the alarms at `to`.
 */
export function figures(
  announcements: readonly Announcement[],
  { from, to, now, flood }: { from: number; to: number; now: readonly Alarm[]; flood: FloodRule },
): AlarmFiguresView {
  const own = announcements.filter(({ at }) => at >= from && at < to);
  const times = own.map(({ at }) => at);
  const length = Math.max(1, to - from);
  const frequent = byKey(own).slice(0, MOST_FREQUENT);
  const share = (priority: AlarmPriority): number =>
    own.length === 0 ? 0 : own.filter((each) => each.priority === priority).length / own.length;
  const since = announcements.map(({ at }) => at).filter((at) => at < to);
  return {
    from,
    to,
    told: own.length,
    // On the first day, the count so far: a few minutes do not make a rate.
    perDay: (own.length * DAY_MS) / Math.max(DAY_MS, length),
    perTenMinutes: { mean: (own.length * TEN_MINUTES_MS) / length, most: mostInTenMinutes(times) },
    floodShare: floodMs(since, { from, to }, flood) / length,
    priorityShare: { 1: share(1), 2: share(2), 3: share(3) },
    frequent: frequent.map(({ first, times: each }) => ({
      source: first.source,
      code: first.code,
      about: first.about,
      count: each.length,
    })),
    frequentShare: own.length === 0 ? 0 : frequent.reduce((sum, each) => sum + each.times.length, 0) / own.length,
    chattering: byKey(own).filter((each) => chatters(each.times)).length,
    stale: now.filter((alarm) => isStanding(stateOf(alarm)) && alarm.active && (alarm.raisedAt ?? to) < to - DAY_MS)
      .length,
    shelved: now.filter((alarm) => stateOf(alarm) === 'shelved').length,
    outOfService: now.filter((alarm) => stateOf(alarm) === 'out-of-service').length,
    hourly: hourly(times, from, to),
  };
}

interface Group {
  readonly first: Announcement;
  readonly times: number[];
}

/** Most frequent first. */
function byKey(announcements: readonly Announcement[]): Group[] {
  const groups = new Map<string, Group>();
  for (const each of announcements) {
    const key = [each.source, each.code, each.about ?? ''].join(' ');
    const group = groups.get(key) ?? { first: each, times: [] };
    group.times.push(each.at);
    groups.set(key, group);
  }
  return [...groups.values()].toSorted((a, b) => b.times.length - a.times.length);
}

const chatters = (times: readonly number[]): boolean =>
  times.some((at, index) => at - (times[index - CHATTER_COUNT + 1] ?? -Infinity) <= MINUTE_MS);

function mostInTenMinutes(times: readonly number[]): number {
  let most = 0;
  let first = 0;
  for (const [index, at] of times.entries()) {
    while (times[first]! <= at - TEN_MINUTES_MS) first++;
    most = Math.max(most, index - first + 1);
  }
  return most;
}

function hourly(times: readonly number[], from: number, to: number): number[] {
  const counts = Array.from({ length: Math.ceil((to - from) / HOUR_MS) }, () => 0);
  for (const at of times) counts[Math.floor((at - from) / HOUR_MS)]!++;
  return counts;
}
