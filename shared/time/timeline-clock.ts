import type { Clock, TaskFailure, TimeBase, Timer, TimerTask } from './clock.ts';
import { machineMonotonicMs, machineTimer, runTask, systemTimeBase } from './system-clock.ts';

/**
 * A shared time line: plant time = plantOriginMs + speed x (monotonic - monotonicOriginMs), capped at untilMs. CLOCK_MONOTONIC is common to
 * all processes of a machine, so they need to share only these numbers.
 */
export interface TimeLine {
  /** Plant time at the origin, ms UTC. */
  readonly plantOriginMs: number;
  /** CLOCK_MONOTONIC at the origin, ms. */
  readonly monotonicOriginMs: number;
  /** Plant seconds per machine second; 0 while paused. */
  readonly speed: number;
  /**
   * Plant time stops here until another line arrives, ms UTC. Absent: it does not stop. So a process that is starved of CPU and misses a
   * new line does not run ahead of the others.
   */
  readonly untilMs?: number;
}

interface Waiting {
  /** Plant time (elapsed on the line) at which the task is due. */
  readonly dueMs: number;
  readonly task: TimerTask;
  timer: Timer | undefined;
}

/** A clock whose plant time follows a time line. The line may change its speed or pause. */
export class TimelineClock implements Clock {
  readonly plant: TimeBase;
  readonly machine: TimeBase;
  readonly #onFailure: TaskFailure;
  #line: TimeLine;
  /** Plant time reached on an earlier line. A new line never takes plant time back. */
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

  /** Switches to a new line and rearms the pending timers. */
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

  /** A line that continues from now at this speed and stops at `untilMs`. If the speed is unchanged it is the same line with a new end. */
  lineAtSpeed(speed: number, untilMs?: number): TimeLine {
    const until = untilMs === undefined ? {} : { untilMs };
    const { plantOriginMs, monotonicOriginMs, speed: old, untilMs: end = Infinity } = this.#line;
    if (speed === old && this.#onLine() < end) return { plantOriginMs, monotonicOriginMs, speed, ...until };
    const nowMs = machineMonotonicMs();
    return { plantOriginMs: this.plantNow(), monotonicOriginMs: nowMs, speed, ...until };
  }

  /** Plant time on the line, ignoring its end. */
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
