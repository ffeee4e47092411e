import type { StreamMessages } from '../../shared/contracts/view.ts';
import type { PlannerEvent } from '../planner/events/planner-event.ts';

interface Notices extends Pick<StreamMessages, 'event' | 'forecast' | 'plan' | 'command' | 'incident'> {
  /** Some of the others came and went unheard. */
  readonly gap: null;
  readonly model: { readonly target: string; readonly id: string };
}

/** What has happened in the control room, told once. */
export type Notice = {
  readonly [Kind in keyof Notices]: { readonly kind: Kind; readonly data: Notices[Kind] };
}[keyof Notices];

/** What the api role hears beside it: what planners wait for, and that somebody's rights, session or token changed. */
export type RoleNotice =
  | Notice
  | { readonly kind: 'planner'; readonly data: PlannerEvent }
  | { readonly kind: 'rights'; readonly data: null };
