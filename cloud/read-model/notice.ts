import type { StreamMessages } from '../../shared/contracts/view.ts';
import type { PlannerEvent } from '../planner/events/planner-event.ts';

interface Notices extends Pick<StreamMessages, 'event' | 'forecast' | 'plan' | 'command' | 'incident'> {
  /** Some notices were lost. */
  readonly gap: null;
  readonly model: { readonly target: string; readonly id: string };
}

/** An event in the cloud, delivered once. */
export type Notice = {
  readonly [Kind in keyof Notices]: { readonly kind: Kind; readonly data: Notices[Kind] };
}[keyof Notices];

/** What the api role receives in addition: events for planners, and changes of rights, sessions or tokens. */
export type RoleNotice =
  | Notice
  | { readonly kind: 'planner'; readonly data: PlannerEvent }
  | { readonly kind: 'rights'; readonly data: null };
