import type { Clock, TimeBase, Timer, TimerTask } from './clock.ts';

interface Pending {
  readonly at: number;
  readonly order: number;
  readonly task: TimerTask;
  cancelled: boolean;
}

/** More tasks than this at one instant count as an endless loop. */
const MOST_AT_ONCE = 1_000_000;

/**
 * Virtual time: tasks run one at a time, in order of (time, scheduling order), and each is awaited before the next starts. So a run is
 * repeatable, whatever real asynchronous work (ONNX, HiGHS, signatures) a task awaits.
 */
export class VirtualClock implements Clock {
  readonly plant: TimeBase;
  readonly machine: TimeBase;
  #elapsed = 0;
  #order = 0;
  #offset: number;
  #queue: Pending[] = [];

  /** `startMs`: plant and machine time at the start, milliseconds UTC. */
  constructor(startMs: number) {
    this.#offset = startMs;
    const base: TimeBase = {
      now: () => Math.floor(this.#offset + this.#elapsed),
      elapsed: () => this.#elapsed,
      after: (delayMs, task) => this.#schedule(delayMs, task),
    };
    this.plant = base;
    this.machine = base;
  }

  speed(): number {
    return 1;
  }

  /** Moves the wall clock by `deltaMs`. Elapsed time and timers are unaffected. */
  step(deltaMs: number): void {
    this.#offset += deltaMs;
  }

  /** Runs everything that falls due within the next `durationMs`. Throws if tasks wake each other endlessly. */
  async advance(durationMs: number): Promise<void> {
    const end = this.#elapsed + durationMs;
    let atOnce = 0;
    for (let next = this.#pop(end); next !== undefined; next = this.#pop(end)) {
      atOnce = next.at > this.#elapsed ? 0 : atOnce + 1;
      if (atOnce > MOST_AT_ONCE)
        throw new Error(`time does not advance beyond ${this.#elapsed} ms: tasks keep waking each other`);
      this.#elapsed = Math.max(this.#elapsed, next.at);
      await next.task();
    }
    this.#elapsed = end;
  }

  /** Number of pending tasks. */
  pending(): number {
    return this.#queue.filter((entry) => !entry.cancelled).length;
  }

  #schedule(delayMs: number, task: TimerTask): Timer {
    const entry: Pending = {
      at: this.#elapsed + Math.max(0, delayMs),
      order: this.#order++,
      task,
      cancelled: false,
    };
    this.#push(entry);
    return {
      cancel: () => {
        entry.cancelled = true;
      },
    };
  }

  /** Binary heap on (at, order). */
  #push(entry: Pending): void {
    const queue = this.#queue;
    let index = queue.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(entry, queue[parent]!)) break;
      queue[index] = queue[parent]!;
      index = parent;
    }
    queue[index] = entry;
  }

  #pop(end: number): Pending | undefined {
    for (;;) {
      const first = this.#queue[0];
      if (first === undefined || (!first.cancelled && first.at > end)) return undefined;
      this.#removeFirst();
      if (!first.cancelled) return first;
    }
  }

  #removeFirst(): void {
    const queue = this.#queue;
    const last = queue.pop()!;
    if (queue.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= queue.length) break;
      if (child + 1 < queue.length && before(queue[child + 1]!, queue[child]!)) child++;
      if (!before(queue[child]!, last)) break;
      queue[index] = queue[child]!;
      index = child;
    }
    queue[index] = last;
  }
}

const before = (a: Pending, b: Pending): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
