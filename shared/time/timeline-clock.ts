import type { Clock, TaskFailure, TimeBase, Timer, TimerTask } from './clock.ts';
import { machineMonotonicMs, machineTimer, runTask, systemTimeBase } from './system-clock.ts';

/**
 * A shared time line: plant time = plantOriginMs + speed x (monotonic - monotonicOriginMs).
 * CLOCK_MONOTONIC is one clock for all processes of a machine, so three numbers are all that processes share.
 */
export interface TimeLine {
  /** Plant time at the origin, ms UTC. */
  readonly plantOriginMs: number;
  /** CLOCK_MONOTONIC at the origin, ms. */
  readonly monotonicOriginMs: number;
  /** Plant seconds per machine second; 0 stands still. */
  readonly speed: number;
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
    const { plantOriginMs, monotonicOriginMs, speed } = this.#line;
    return plantOriginMs + speed * (machineMonotonicMs() - monotonicOriginMs);
  }

  /** Takes a new line; timers that wait are armed anew. */
  setLine(line: TimeLine): void {
    this.#line = line;
    for (const waiting of this.#waiting) {
      waiting.timer?.cancel();
      this.#arm(waiting);
    }
  }

  /** A line that goes on from this moment at another speed. */
  lineAtSpeed(speed: number): TimeLine {
    const monotonicOriginMs = machineMonotonicMs();
    const { plantOriginMs, monotonicOriginMs: origin, speed: old } = this.#line;
    return { plantOriginMs: plantOriginMs + old * (monotonicOriginMs - origin), monotonicOriginMs, speed };
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
    const { speed } = this.#line;
    if (speed <= 0) {
      waiting.timer = undefined;
      return;
    }
    const delay = (waiting.dueMs - this.plantNow()) / speed;
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
