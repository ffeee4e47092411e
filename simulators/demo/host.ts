import type { TimeLine } from '../../shared/time/timeline-clock.ts';

/** The cloud or one gateway of the demo, as it is to be started. */
export interface PartPlan {
  readonly name: string;
  readonly role: 'cloud' | 'edge';
  /** Its YAML. */
  readonly config: string;
  /** What it prints goes here. */
  readonly logFile: string;
}

export type PartMessage = { readonly type: string; readonly [key: string]: unknown };

export interface HostHooks {
  onMessage(name: string, message: PartMessage): void;
  /** `restartInMs` is null when it is not started again. */
  onExit(name: string, how: string, restartInMs: number | null): void;
}

/** Where the parts run: each in a process of its own, or all in this one. */
export interface PartHost {
  start(plan: PartPlan): void;
  /** Tells every part the time line; one that starts later is told it first. */
  setLine(line: TimeLine): void;
  /** False when the part cannot be told now. */
  send(name: string, message: PartMessage): boolean;
  stop(): Promise<void>;
}
