import type { EventView } from '../../shared/contracts/view.ts';

/** An event as the log shows it: an alarm without a rule is an event. */
export const shownAs = (event: EventView, hasRule: boolean): EventView =>
  event.kind === 'alarm' && !hasRule ? { ...event, kind: 'event' } : event;
