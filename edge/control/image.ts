/** The process image: what is known at the start of a cycle. It does not change during the cycle. Unknown is null, never zero. */
export interface DeviceImage {
  readonly id: string;
  /** Every value that matters is younger than the device's own time-out. */
  readonly fresh: boolean;
  /** Silent only as long as the gateway itself did not run: old all the same, but nobody's fault. Absent: false. */
  readonly excused?: boolean;
  /** Plant time of the newest value, ms UTC; null: never heard. */
  readonly lastSeen: number | null;
  /** Since the newest value came, s; absent: it came in this cycle. */
  readonly heardS?: number;
  readonly activePowerKw: number | null;
  /** Age of the active power, s. */
  readonly powerAgeS: number;
  readonly reactivePowerKvar: number | null;
  readonly voltagePu: number | null;
  readonly socPct: number | null;
  /** What it would do now if nothing limited it, as it says itself, signed kW of its lever; null or absent: not told. */
  readonly freeKw?: number | null;
  /** Setpoint that the device reads back, as a signed kW of its lever. */
  readonly readbackKw: number | null;
  /** Since that was read, s; absent: it was in this cycle. */
  readonly readbackAgeS?: number;
  /** The same of its reactive power; null or absent: it reads none back. */
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
  /** Of its breaker: 1 closed, 0 open; null or absent: not read. */
  readonly closed?: number | null;
}

export interface Image {
  /** Plant time, ms UTC. */
  readonly time: number;
  /** Elapsed plant time since the last cycle, s; 0 in the first. */
  readonly stepS: number;
  readonly devices: ReadonlyMap<string, DeviceImage>;
  readonly elements: ReadonlyMap<string, ElementImage>;
  /** Highest of the ambient temperatures that are measured; null: none. */
  readonly ambientC: number | null;
}

export const finite = (value: number | null | undefined): value is number =>
  typeof value === 'number' && Number.isFinite(value);

/** Below this a busbar or a terminal has no voltage, pu. */
export const DEAD_PU = 0.3;
