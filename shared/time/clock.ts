/**
 * The clock port: the only source of time in Loadstone. Plant time is for sources, schedules, validity, control heartbeats, forecasts and
 * everything stored. Machine time is for MQTT keep-alive, back-off, HTTP time-outs, sessions, tokens and log lines. In production both are
 * the same. In the demo plant time follows a shared time line.
 */
export interface Timer {
  cancel(): void;
}

/** A task that a timer starts. It never awaits time, but schedules a further task. */
export type TimerTask = () => void | Promise<void>;

export interface TimeBase {
  /** Milliseconds UTC. May jump when the wall clock is set. */
  now(): number;
  /** Milliseconds since an arbitrary origin. Never goes back; use it for durations. */
  elapsed(): number;
  /** Runs `task` once, `delayMs` of this base from now. */
  after(delayMs: number, task: TimerTask): Timer;
}

export interface Clock {
  readonly plant: TimeBase;
  readonly machine: TimeBase;
  /** Plant seconds per machine second: 1 in production, 0 while the time line is paused. */
  speed(): number;
}

/** Receives a task's failure, because timers have no caller that could catch it. */
export type TaskFailure = (error: unknown) => void;

/** A wall clock before this has not been set, ms UTC: a machine without a clock battery starts in 1970. */
export const UNSET_BEFORE_MS = Date.UTC(2000, 0, 1);
