import type { Clock, TaskFailure, TimeBase, Timer, TimerTask } from './clock.ts';
import { machineMonotonicMs, machineTimer, runTask, systemTimeBase } from './system-clock.ts';

/**
 * A shared time line: plant time = plantOriginMs + speed x (monotonic - monotonicOriginMs), and at most untilMs.
 * CLOCK_MONOTONIC is one clock for all processes of a machine, so these numbers are all that processes share.
 */
export interface TimeLine {
  /** Plant time at the origin, ms UTC. */
  readonly plantOriginMs: number;
  /** CLOCK_MONOTONIC at the origin, ms. */
  readonly monotonicOriginMs: number;
  /** Plant seconds per machine second; 0 stands still. */
  readonly speed: number;
  /**
   * Plant time stands here until another line comes, ms UTC; absent: it goes on. A process that gets no processor, and so hears of
   * no other line, does not run ahead of the others.
   */
  readonly untilMs?: number;
}

interface Waiting {
  /** Plant time (elapsed on the line) at which the task is due. */
  readonly dueMs: number;
  readonly task: TimerTask;
  timer: Timer | undefined;
}

/** A clock whose plant time follows a time line that may change its speed or stand still. */
export class TimelineClock implements Clock {
  readonly plant: TimeBase;
  readonly machine: TimeBase;
  readonly #onFailure: TaskFailure;
  #line: TimeLine;
  /** Plant time that was reached on an earlier line: a new one does not go back. */
  #leastMs = -Infinity;
  #waiting = new Set<Waiting>();

  constructor(line: TimeLine, onFailure: TaskFailure) {
    this.#line = line;
    this.#onFailure = onFailure;
    this.machine = systemTimeBase(onFailure);
    this.plant = {
      now: () => Math.floor(this.plantNow()),
      elapsed: () => this.plantNow(),
      after: (delayMs, task) => this.#schedule(delayMs, task),
    };
  }

  speed(): number {
    return this.#line.speed;
  }

  line(): TimeLine {
    return this.#line;
  }

  /** Plant time with its fraction, ms UTC. */
  plantNow(): number {
    return Math.max(this.#leastMs, Math.min(this.#onLine(), this.#line.untilMs ?? Infinity));
  }

  /** Takes a new line; timers that wait are armed anew. */
  setLine(line: TimeLine): void {
    const { plantOriginMs, monotonicOriginMs, speed } = this.#line;
    const isLonger =
      line.plantOriginMs === plantOriginMs && line.monotonicOriginMs === monotonicOriginMs && line.speed === speed;
    this.#leastMs = this.plantNow();
    this.#line = line;
    for (const waiting of this.#waiting) {
      if (isLonger && waiting.timer !== undefined) continue;
      waiting.timer?.cancel();
      this.#arm(waiting);
    }
  }

  /** A line that goes on from this moment at this speed, and stands at `untilMs`; the same line, longer, where nothing else changes. */
  lineAtSpeed(speed: number, untilMs?: number): TimeLine {
    const until = untilMs === undefined ? {} : { untilMs };
    const { plantOriginMs, monotonicOriginMs, speed: old, untilMs: end = Infinity } = this.#line;
    if (speed === old && this.#onLine() < end) return { plantOriginMs, monotonicOriginMs, speed, ...until };
    const nowMs = machineMonotonicMs();
    return { plantOriginMs: this.plantNow(), monotonicOriginMs: nowMs, speed, ...until };
  }

  /** Without its end. */
  #onLine(): number {
    const { plantOriginMs, monotonicOriginMs, speed } = this.#line;
    return plantOriginMs + speed * (machineMonotonicMs() - monotonicOriginMs);
  }

  #schedule(delayMs: number, task: TimerTask): Timer {
    const waiting: Waiting = { dueMs: this.plantNow() + Math.max(0, delayMs), task, timer: undefined };
    this.#waiting.add(waiting);
    this.#arm(waiting);
    return {
      cancel: () => {
        waiting.timer?.cancel();
        this.#waiting.delete(waiting);
      },
    };
  }

  #arm(waiting: Waiting): void {
    const { speed, untilMs = Infinity } = this.#line;
    const isDue = this.plantNow() >= waiting.dueMs;
    if (!isDue && (speed <= 0 || waiting.dueMs > untilMs)) {
      waiting.timer = undefined;
      return;
    }
    const delay = isDue ? 0 : (waiting.dueMs - this.#onLine()) / speed;
    waiting.timer = machineTimer(delay, () => this.#fire(waiting), this.#onFailure);
  }

  #fire(waiting: Waiting): void {
    if (this.plantNow() < waiting.dueMs) {
      this.#arm(waiting);
      return;
    }
    this.#waiting.delete(waiting);
    runTask(waiting.task, this.#onFailure);
  }
}
