import type { AlarmRuleView } from '../../shared/contracts/alarm.ts';
import type { EventView } from '../../shared/contracts/view.ts';
import type { StoredEvent } from '../audit/event-store.ts';

const SEVERITY = { 1: 'high', 2: 'medium', 3: 'low' } as const;

/**
 * An event as the log shows it: an alarm has its rule's severity, unless the rule leaves it to the source, and one without a rule is an
 * event.
 */
export function shownAs(
  { identity: _identity, ...event }: StoredEvent,
  rule: Pick<AlarmRuleView, 'priority'> | undefined,
): EventView {
  if (event.kind !== 'alarm') return event;
  if (rule === undefined) return { ...event, kind: 'event' };
  return rule.priority === 'told' ? event : { ...event, severity: SEVERITY[rule.priority] };
}
