import type { EventView } from '../../shared/contracts/view.ts';
import type { StoredEvent } from '../audit/event-store.ts';

/** An event as the log shows it: an alarm without a rule is an event. */
export const shownAs = ({ identity: _identity, ...event }: StoredEvent, hasRule: boolean): EventView =>
  event.kind === 'alarm' && !hasRule ? { ...event, kind: 'event' } : event;
