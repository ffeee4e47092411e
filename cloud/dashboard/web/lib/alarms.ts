import type { AlarmDeskView, AlarmState, AlarmView } from '../../../../shared/contracts/alarm.ts';
import type { Severity } from '../../../../shared/contracts/event.ts';
import type { EventView, SubstationView } from '../../../../shared/contracts/view.ts';
import type { Level, Priority } from './assess.ts';
import { t, type Text } from '../words/t.ts';

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

export const NO_ALARMS: Readonly<Record<Priority, number>> = { 1: 0, 2: 0, 3: 0 };

/** True if the alarm waits for an acknowledgement. */
export const isOpen = ({ state }: AlarmView): boolean => state === 'unacknowledged' || state === 'returned';

export const standingCount = ({ states }: AlarmDeskView): number =>
  states.unacknowledged + states.acknowledged + states.returned;

/** Adds alarms that were read to those that the stream carries, which are newer, if it does not carry all standing ones. */
export function wholeDesk(desk: AlarmDeskView, read: readonly AlarmView[]): AlarmDeskView {
  if (desk.alarms.length >= standingCount(desk)) return desk;
  const byId = new Map([...read, ...desk.alarms].map((alarm) => [alarm.id, alarm]));
  return { ...desk, alarms: [...byId.values()].sort(byUrgency) };
}

/** The order of the cloud: by priority, then unacknowledged first, then newest first. */
const byUrgency = (a: AlarmView, b: AlarmView): number =>
  a.priority - b.priority || Number(isOpen(b)) - Number(isOpen(a)) || (b.raisedAt ?? 0) - (a.raisedAt ?? 0);

/** Returns the alarm for the banner: the most urgent unacknowledged one, and how many more there are. Null if there are none. */
export function foremost(
  desk: AlarmDeskView | null,
  concerns: (alarm: AlarmView) => boolean = () => true,
): { readonly alarm: AlarmView; readonly more: number; readonly flood: boolean } | null {
  const every = desk?.alarms.filter(({ state }) => state === 'unacknowledged') ?? [];
  const open = every.filter(concerns);
  const [alarm] = open;
  if (alarm === undefined || desk === null) return null;
  return {
    alarm,
    more: (open.length < every.length ? open.length : desk.states.unacknowledged) - 1,
    flood: desk.rate.floodSince !== null,
  };
}

/** True for an alarm of a substation or of one of its feeders. */
export const concerns = (
  { target }: Pick<AlarmView, 'target'>,
  { id, feeders }: Pick<SubstationView, 'id' | 'feeders'>,
): boolean => target === `substation:${id}` || feeders.some((feeder) => target === `feeder:${feeder}`);

/**
 * Orders alarms for a flood: by priority, and within one by source, sources with a first-out before others. Each first-out stands on
 * top of its source: one cause per line, its consequences below.
 */
export function floodOrder(alarms: readonly AlarmView[]): AlarmView[] {
  const groups = Map.groupBy(alarms, ({ priority, source }) => `${priority} ${source}`);
  return [...groups.values()]
    .map((own) => own.toSorted(firstOutFirst))
    .toSorted(([a], [b]) => a!.priority - b!.priority || firstOutFirst(a!, b!))
    .flat();
}

const firstOutFirst = (a: AlarmView, b: AlarmView): number => Number(b.firstOut) - Number(a.firstOut);

const STATES: Readonly<Record<AlarmState, Text>> = {
  unacknowledged: 'new',
  acknowledged: 'acknowledged',
  returned: 'gone, unacknowledged',
  shelved: 'shelved',
  suppressed: 'explained by its parent',
  'out-of-service': 'out of service',
  normal: 'over',
};

export const stateName = (state: AlarmState): string => t(STATES[state]);

const isStanding = (alarm: AlarmView): boolean => isOpen(alarm) || alarm.state === 'acknowledged';

/** Puts changed alarms into a list of standing ones. */
export function patchedList(alarms: readonly AlarmView[], changed: readonly AlarmView[]): AlarmView[] {
  const byId = new Map(changed.map((alarm) => [alarm.id, alarm]));
  return alarms.map((alarm) => byId.get(alarm.id) ?? alarm).filter(isStanding);
}

/** Applies changed alarms from an answer to the desk until the stream catches up. */
export function patched(desk: AlarmDeskView, changed: readonly AlarmView[]): AlarmDeskView {
  const [states, standing] = [{ ...desk.states }, { ...desk.standing }];
  for (const now of changed) {
    const before = desk.alarms.find((alarm) => alarm.id === now.id);
    if (before === undefined) continue;
    for (const [alarm, by] of [
      [before, -1],
      [now, 1],
    ] as const) {
      states[alarm.state] += by;
      if (isStanding(alarm)) standing[alarm.priority] += by;
    }
  }
  return { ...desk, states, standing, alarms: patchedList(desk.alarms, changed) };
}

/** Merges events, newest first, without duplicates, at most `most`. */
export function mergeEvents(known: readonly EventView[], more: readonly EventView[], most: number): EventView[] {
  const byId = new Map(known.map((event) => [event.id, event]));
  for (const event of more) byId.set(event.id, event);
  return [...byId.values()].sort((a, b) => b.id - a.id).slice(0, most);
}
