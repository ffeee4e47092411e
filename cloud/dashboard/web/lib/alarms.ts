import type { Severity } from '../../../../shared/contracts/event.ts';
import type { EventView } from '../../../../shared/contracts/view.ts';
import type { Level, Priority } from './assess.ts';

export function priorityOf(severity: Severity): Level {
  switch (severity) {
    case 'high':
      return 1;
    case 'medium':
      return 2;
    case 'low':
      return 3;
    case 'info':
      return null;
  }
}

export interface ActiveAlarm {
  readonly event: EventView;
  readonly priority: Priority;
}

/** What stands now: of each alarm's messages the newest counts, and it stands while that one says so. Highest priority first. */
export function activeAlarms(events: readonly EventView[]): ActiveAlarm[] {
  const seen = new Set<string>();
  const active: ActiveAlarm[] = [];
  const newestFirst = [...events].sort((a, b) => b.time - a.time || b.id - a.id);
  for (const event of newestFirst) {
    if (event.kind !== 'alarm') continue;
    const key = [event.source, event.code, event.device ?? '', event.subject ?? ''].join('|');
    if (seen.has(key)) continue;
    seen.add(key);
    const priority = priorityOf(event.severity);
    if (event.active === true && priority !== null) active.push({ event, priority });
  }
  return active.sort((a, b) => a.priority - b.priority || b.event.time - a.event.time);
}

export const countByPriority = (alarms: readonly ActiveAlarm[]): Record<Priority, number> => ({
  1: alarms.filter(({ priority }) => priority === 1).length,
  2: alarms.filter(({ priority }) => priority === 2).length,
  3: alarms.filter(({ priority }) => priority === 3).length,
});

/** True for what comes from a substation, its gateway, one of its feeders or of their elements. */
export const concerns = (event: EventView, substation: string): boolean =>
  [event.source, event.subject ?? ''].some((name) => name === substation || name.startsWith(`${substation}-`));

/** Newest first, each id once, at most `most`. */
export function mergeEvents(known: readonly EventView[], more: readonly EventView[], most: number): EventView[] {
  const byId = new Map(known.map((event) => [event.id, event]));
  for (const event of more) byId.set(event.id, event);
  return [...byId.values()].sort((a, b) => b.id - a.id).slice(0, most);
}
