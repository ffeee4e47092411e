/** Progress of a process: a gateway, the cloud or the plant. */
export interface Pulse {
  readonly id: string;
  /** Its process runs. */
  readonly alive: boolean;
  /** Machine time when it was last heard, ms; undefined: not yet. */
  readonly heardMs: number | undefined;
  /** Plant time for which its last finished cycle (or, for cloud work, its last round) was due, ms UTC; undefined: none yet. */
  readonly cycleMs: number | undefined;
  /** Plant time between its steps, ms; absent: a control cycle. */
  readonly stepMs?: number;
}

export interface Moment {
  /** Monotonic machine time, ms. */
  readonly machineMs: number;
  /** Plant time reached, ms UTC. */
  readonly plantMs: number;
  readonly pulses: readonly Pulse[];
}

export interface Decision {
  /** Speed of the timeline while no process lags; 0: stand still. */
  readonly speed: number;
  /** Plant time at which the timeline stops until the slowest process has caught up, ms UTC. */
  readonly untilMs: number;
  /** Live processes two steps behind; plant time stands still for them. */
  readonly waitingFor: readonly string[];
  /** Processes that are dead, or stayed silent while plant time stood still for them; they are not waited for. */
  readonly leftBehind: readonly string[];
  /** Plant seconds per machine second over the last ten seconds at this speed; the speed itself during the first second. */
  readonly reached: number;
}

export interface TimeKeeperOptions {
  /** 0 to 60. */
  readonly speed: number;
  /** Control period of the gateways in plant time, at a speed of 1 and above it. */
  readonly cycleMs?: { readonly slow: number; readonly fast: number };
}

export const fastestSpeed = 60;
/** Longer than a busy machine keeps a process waiting: such a process is slow, and is waited for. */
export const silentAfterMs = 30_000;
export const spikeMs = 120_000;
const CYCLES_BEHIND = 2;
const REACHED_OVER_MS = 10_000;
const REACHED_AFTER_MS = 1000;

interface Mark {
  readonly machineMs: number;
  readonly plantMs: number;
}

/**
 * Decides how fast and how far plant time runs: at the requested speed, at 1 for two minutes after a spike, and never further than two
 * steps beyond the slowest live process. On a busy machine plant time slows down, every gateway keeps its cycle, and the page stays as
 * fresh as on an idle one. Reads no clock: the caller passes the moment.
 */
export class TimeKeeper {
  readonly #cycleMs: { readonly slow: number; readonly fast: number };
  #asked: number;
  #spikeUntilMs = -Infinity;
  #fast = false;
  /** Plant time before which a gateway may have begun a cycle without knowing that cycles are now short, ms UTC. */
  #longUntilMs = -Infinity;
  /** Machine time since which plant time has stood still for a process. */
  readonly #stoodSince = new Map<string, number>();
  #marks: Mark[] = [];
  #wished: number | undefined;

  constructor({ speed, cycleMs = { slow: 250, fast: 1000 } }: TimeKeeperOptions) {
    this.#asked = bounded(speed);
    this.#cycleMs = cycleMs;
  }

  get asked(): number {
    return this.#asked;
  }

  /** Sets the speed, 0 (stand still) to 60; also ends the slow time after a spike. */
  ask(speed: number): void {
    this.#asked = bounded(speed);
    this.#spikeUntilMs = -Infinity;
  }

  /** Slows plant time to 1 for two minutes of machine time, to make a spike visible. */
  spike(machineMs: number): void {
    this.#spikeUntilMs = machineMs + spikeMs;
  }

  decide({ machineMs, plantMs, pulses }: Moment): Decision {
    const watched = machineMs < this.#spikeUntilMs;
    const wished = watched ? Math.min(1, this.#asked) : this.#asked;
    const reached = this.#reached({ machineMs, plantMs }, wished);
    if (this.#fast && wished <= 1) this.#longUntilMs = plantMs + CYCLES_BEHIND * this.#cycleMs.fast;
    this.#fast = wished > 1;
    const cycleMs = (last: number): number =>
      this.#fast || last <= this.#longUntilMs ? this.#cycleMs.fast : this.#cycleMs.slow;
    const untilMs = ({ cycleMs: last, stepMs }: Pulse): number =>
      last === undefined ? plantMs : last + CYCLES_BEHIND * (stepMs ?? cycleMs(last));
    const lags = (pulse: Pulse): boolean => untilMs(pulse) <= plantMs;
    const gone = (pulse: Pulse): boolean => {
      const { id, alive, heardMs } = pulse;
      if (!alive || heardMs === undefined) return true;
      const stoodSince = this.#stoodSince.get(id);
      return stoodSince !== undefined && machineMs - Math.max(heardMs, stoodSince) >= silentAfterMs;
    };
    for (const pulse of pulses) {
      if (!lags(pulse)) this.#stoodSince.delete(pulse.id);
      else if (!this.#stoodSince.has(pulse.id)) this.#stoodSince.set(pulse.id, machineMs);
    }
    const leftBehind = pulses.filter(gone).map(({ id }) => id);
    const live = pulses.filter((pulse) => !gone(pulse));
    const waitingFor = live.filter(lags).map(({ id }) => id);
    return {
      speed: wished,
      untilMs: Math.max(plantMs, Math.min(...live.map(untilMs))),
      waitingFor,
      leftBehind,
      reached,
    };
  }

  /** Speed reached over the marks of the last ten seconds. */
  #reached(now: Mark, wished: number): number {
    const last = this.#marks.at(-1);
    if (wished !== this.#wished) this.#marks = [];
    this.#wished = wished;
    // Plant time that goes backwards belongs to another run.
    if (last !== undefined && (now.plantMs < last.plantMs || now.machineMs < last.machineMs)) this.#marks = [];
    this.#marks.push(now);
    while (this.#marks.length > 2 && this.#marks[1]!.machineMs <= now.machineMs - REACHED_OVER_MS) this.#marks.shift();
    const first = this.#marks[0]!;
    const machineMs = now.machineMs - first.machineMs;
    return machineMs < REACHED_AFTER_MS ? wished : (now.plantMs - first.plantMs) / machineMs;
  }
}

const bounded = (speed: number): number => (Number.isFinite(speed) ? Math.min(fastestSpeed, Math.max(0, speed)) : 1);
