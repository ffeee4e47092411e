/** What is known of a gateway's pace. */
export interface Pulse {
  readonly id: string;
  /** Its process runs. */
  readonly alive: boolean;
  /** Machine time, ms, at which it was last heard; undefined: not yet. */
  readonly heardMs: number | undefined;
  /** Plant time of the last cycle that it has finished, ms UTC; undefined: none yet. */
  readonly cycleMs: number | undefined;
  /** How far its steps are apart, ms of plant time; absent: a control cycle. */
  readonly stepMs?: number;
}

export interface Moment {
  /** Monotonic machine time, ms. */
  readonly machineMs: number;
  /** Plant time that the line has reached, ms UTC. */
  readonly plantMs: number;
  readonly pulses: readonly Pulse[];
}

export interface Decision {
  /** Speed that the line shall have from now on; 0: stand still. */
  readonly speed: number;
  readonly why: 'asked' | 'spike' | 'laggard' | 'paused';
  /** Live gateways more than two cycles behind. */
  readonly waitingFor: readonly string[];
  /** Dead or silent gateways that the line does not wait for. */
  readonly leftBehind: readonly string[];
  /** Plant seconds per machine second over the last ten seconds. */
  readonly reached: number;
}

export interface TimeKeeperOptions {
  /** 0 to 60. */
  readonly speed: number;
  /** Control period of the gateways in plant time at a speed of 1, and above it. */
  readonly cycleMs?: { readonly slow: number; readonly fast: number };
}

export const fastestSpeed = 60;
export const silentAfterMs = 2000;
export const spikeMs = 120_000;
const CYCLES_BEHIND = 2;
const REACHED_OVER_MS = 10_000;

interface Mark {
  readonly machineMs: number;
  readonly plantMs: number;
}

/**
 * Decides how fast plant time runs: as asked, at 1 for two minutes after a spike, not at all while a live gateway lags. Asks no
 * clock: it is told the moment.
 */
export class TimeKeeper {
  readonly #cycleMs: { readonly slow: number; readonly fast: number };
  #asked: number;
  #spikeUntilMs = -Infinity;
  #fast = false;
  /** Plant time at which cycles became short, ms UTC: one that was finished before is followed by a long one. */
  #slowSinceMs = -Infinity;
  #marks: Mark[] = [];

  constructor({ speed, cycleMs = { slow: 250, fast: 1000 } }: TimeKeeperOptions) {
    this.#asked = bounded(speed);
    this.#cycleMs = cycleMs;
  }

  get asked(): number {
    return this.#asked;
  }

  /** Another speed, 0 (stand still) to 60; it also ends the slow time after a spike. */
  ask(speed: number): void {
    this.#asked = bounded(speed);
    this.#spikeUntilMs = -Infinity;
  }

  /** A spike happens now: two minutes of machine time at 1, so that one can watch. */
  spike(machineMs: number): void {
    this.#spikeUntilMs = machineMs + spikeMs;
  }

  decide({ machineMs, plantMs, pulses }: Moment): Decision {
    const reached = this.#reached({ machineMs, plantMs });
    const gone = ({ alive, heardMs }: Pulse): boolean =>
      !alive || heardMs === undefined || machineMs - heardMs >= silentAfterMs;
    const watched = machineMs < this.#spikeUntilMs;
    const wished = watched ? Math.min(1, this.#asked) : this.#asked;
    if (this.#fast && wished <= 1) this.#slowSinceMs = plantMs;
    this.#fast = wished > 1;
    const cycleMs = (last: number): number =>
      this.#fast || last < this.#slowSinceMs ? this.#cycleMs.fast : this.#cycleMs.slow;
    const lags = ({ cycleMs: last, stepMs }: Pulse): boolean =>
      last === undefined || plantMs - last > CYCLES_BEHIND * (stepMs ?? cycleMs(last));
    const leftBehind = pulses.filter(gone).map(({ id }) => id);
    const waitingFor = pulses.filter((pulse) => !gone(pulse) && lags(pulse)).map(({ id }) => id);
    const common = { waitingFor, leftBehind, reached };
    if (wished === 0) return { speed: 0, why: 'paused', ...common };
    if (waitingFor.length > 0) return { speed: 0, why: 'laggard', ...common };
    return { speed: wished, why: watched && wished < this.#asked ? 'spike' : 'asked', ...common };
  }

  /** Over the marks of the last ten seconds; 0 before there are two. */
  #reached(now: Mark): number {
    const last = this.#marks.at(-1);
    // A plant time that goes back is another run.
    if (last !== undefined && (now.plantMs < last.plantMs || now.machineMs < last.machineMs)) this.#marks = [];
    this.#marks.push(now);
    while (this.#marks.length > 2 && this.#marks[1]!.machineMs <= now.machineMs - REACHED_OVER_MS) this.#marks.shift();
    const first = this.#marks[0]!;
    const machineMs = now.machineMs - first.machineMs;
    return machineMs <= 0 ? 0 : (now.plantMs - first.plantMs) / machineMs;
  }
}

const bounded = (speed: number): number => (Number.isFinite(speed) ? Math.min(fastestSpeed, Math.max(0, speed)) : 1);
