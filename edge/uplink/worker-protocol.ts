import type { TimeLine } from '../../shared/time/timeline-clock.ts';
import type { FromUplink, Restored, ToUplink } from './channel.ts';
import type { UplinkConfig } from './config.ts';

/** Messages between the main thread and the uplink's worker thread. */
export interface WorkerStart {
  readonly config: UplinkConfig;
  /** Null: the machine's own clock; otherwise plant time follows this line. */
  readonly line: TimeLine | null;
  readonly seed: number;
}

export type ToWorker =
  | { readonly kind: 'send'; readonly message: ToUplink; readonly weight: number }
  | { readonly kind: 'line'; readonly line: TimeLine }
  | { readonly kind: 'stop' };

export type FromWorker =
  | { readonly kind: 'restored'; readonly restored: Restored }
  | { readonly kind: 'from'; readonly message: FromUplink }
  /** A message has left the queue; `taken` is false if journal or queue had no room for it. */
  | { readonly kind: 'done'; readonly weight: number; readonly taken: boolean }
  | { readonly kind: 'failure'; readonly text: string }
  | { readonly kind: 'stopped' };

/** What a message counts in the bounded queue: one for each frame or event. */
export function weightOf(message: ToUplink): number {
  if (message.kind === 'frames') return message.frames.length;
  return message.kind === 'events' ? message.events.length : 1;
}
