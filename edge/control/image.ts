/** The process image: what is known at the start of a cycle. It does not change during the cycle. Unknown is null, never zero. */
export interface DeviceImage {
  readonly id: string;
  /** The newest value is younger than the device's time-out. */
  readonly fresh: boolean;
  /** Silent only because the gateway itself did not run: the values are stale, but it is not the device's fault. Absent: false. */
  readonly excused?: boolean;
  /** Plant time of the newest value, ms UTC; null if never heard. */
  readonly lastSeen: number | null;
  /** Time since the newest value arrived, s; absent: it arrived in this cycle. */
  readonly heardS?: number;
  readonly activePowerKw: number | null;
  /** Age of the active power, s. */
  readonly powerAgeS: number;
  readonly reactivePowerKvar: number | null;
  readonly voltagePu: number | null;
  readonly socPct: number | null;
  /** What the device reports it would do without a limit, signed kW of its lever; null or absent: not reported. */
  readonly freeKw?: number | null;
  /** Setpoint that the device reads back, as signed kW of its lever. */
  readonly readbackKw: number | null;
  /** Age of the readback, s; absent: read in this cycle. */
  readonly readbackAgeS?: number;
  /** The same for reactive power; null or absent: no readback. */
  readonly readbackKvar?: number | null;
  readonly readbackKvarAgeS?: number;
}

export interface ElementImage {
  readonly id: string;
  readonly fresh: boolean;
  readonly excused?: boolean;
  readonly lastSeen: number | null;
  readonly heardS?: number;
  readonly activePowerKw: number | null;
  readonly reactivePowerKvar: number | null;
  readonly voltagePu: number | null;
  readonly currentA: number | null;
  /** State of its breaker: 1 closed, 0 open; null or absent: not read. */
  readonly closed?: number | null;
}

export interface Image {
  /** Plant time, ms UTC. */
  readonly time: number;
  /** Elapsed plant time since the last cycle, s; 0 in the first. */
  readonly stepS: number;
  readonly devices: ReadonlyMap<string, DeviceImage>;
  readonly elements: ReadonlyMap<string, ElementImage>;
  /** Highest measured ambient temperature; null if none. */
  readonly ambientC: number | null;
}

export const finite = (value: number | null | undefined): value is number =>
  typeof value === 'number' && Number.isFinite(value);

/** Below this a busbar or terminal has no voltage, pu. */
export const DEAD_PU = 0.3;
