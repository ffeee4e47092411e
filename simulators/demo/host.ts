import type { TimeLine } from '../../shared/time/timeline-clock.ts';

/** Start parameters of the cloud or of one gateway of the demo. */
export interface PartPlan {
  readonly name: string;
  readonly role: 'cloud' | 'edge';
  /** Path of its YAML configuration. */
  readonly config: string;
  /** File for its output. */
  readonly logFile: string;
}

export type PartMessage = { readonly type: string; readonly [key: string]: unknown };

export interface HostHooks {
  onMessage(name: string, message: PartMessage): void;
  /** The part ended and is restarted. */
  onExit(name: string, how: string, restartInMs: number): void;
  /** The part did not start and is not started again. */
  onFailed(name: string, error: unknown): void;
}

/** Runs the parts: each in its own process, or all in this one. */
export interface PartHost {
  start(plan: PartPlan): void;
  /** Sends the timeline to every part; a part that starts later receives it first. */
  setLine(line: TimeLine): void;
  /** False when the part cannot be reached now. */
  send(name: string, message: PartMessage): boolean;
  stop(): Promise<void>;
}
