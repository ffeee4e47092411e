import type { AlarmDeskView, AlarmState, AlarmView } from '../../shared/contracts/alarm.ts';
import type { Region } from '../../shared/contracts/region.ts';
import { controlOf, targetOf } from './alarm-place.ts';
import type { RuleBook } from './alarm-rules.ts';
import { isStanding, stateOf, type Alarm } from './core/alarm.ts';

/** Context for showing alarms. */
export interface AlarmPlace {
  readonly region: Region;
  readonly rules: RuleBook;
  /** All alarms of the desk. */
  readonly all: readonly Alarm[];
}

const MOST_SHOWN = 200;
const STATES: readonly AlarmState[] = [
  'unacknowledged',
  'acknowledged',
  'returned',
  'shelved',
  'suppressed',
  'out-of-service',
  'normal',
];

/** The standing alarms that the stream carries, most urgent first, and the number in each state. */
export function deskView(place: AlarmPlace): Pick<AlarmDeskView, 'alarms' | 'states' | 'standing'> {
  const { all } = place;
  const states = Object.fromEntries(STATES.map((state) => [state, 0])) as Record<AlarmState, number>;
  const standing = { 1: 0, 2: 0, 3: 0 };
  for (const alarm of all) {
    const state = stateOf(alarm);
    states[state]++;
    if (isStanding(state)) standing[alarm.priority]++;
  }
  const shown = all
    .filter((alarm) => isStanding(stateOf(alarm)))
    .toSorted((a, b) => Number(b.open) - Number(a.open) || byUrgency(a, b))
    .slice(0, MOST_SHOWN)
    .toSorted(byUrgency);
  return { alarms: viewsOf(shown, place), states, standing };
}

/** Alarms as shown by page and API. */
export function viewsOf(alarms: readonly Alarm[], { region, rules, all }: AlarmPlace): AlarmView[] {
  const children = new Map<number, number>();
  for (const { suppressedBy } of all)
    if (suppressedBy !== null) children.set(suppressedBy, (children.get(suppressedBy) ?? 0) + 1);
  return alarms.map((alarm) => {
    const { tellers, conditionSince, open: _open, told: _told, confirmBy: _confirm, ...shown } = alarm;
    const rule = rules.of(alarm.code);
    const waits = alarm.active && isStanding(stateOf(alarm)) && alarm.raisedAt !== null && rule !== undefined;
    return {
      ...shown,
      ...(alarm.active && tellers.length === 0 ? { goneSince: conditionSince } : {}),
      state: stateOf(alarm),
      suppresses: children.get(alarm.id) ?? 0,
      respondBy: waits ? alarm.raisedAt + rule.respondWithinS * 1000 : null,
      target: targetOf(region, alarm),
      control: controlOf(region, alarm, rule?.control ?? 'substation'),
    };
  });
}

/** By priority, then unacknowledged first, then newest first. */
export function byUrgency(a: Alarm, b: Alarm): number {
  return a.priority - b.priority || Number(b.open) - Number(a.open) || (b.raisedAt ?? 0) - (a.raisedAt ?? 0);
}
