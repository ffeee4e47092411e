import type { ErrorCode } from '../../shared/outcome/catalogue.ts';
import type { Fault } from '../../shared/outcome/outcome.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import { Bucket, type BucketSize } from '../../shared/time/bucket.ts';

/**
 * Limits on what one gateway may send, machine time. A gateway sends at most 5,000 backlog records a second beside its live data, and
 * births, reports and events in tens, so a well-behaved gateway never meets these limits.
 */
export const trafficBudgets = {
  /** Messages of measurements: one frame each, or as many as a foreign node's message holds. */
  frames: { burst: 20_000, perSecond: 10_000 },
  /** Births of the node; the cloud answers each with what the gateway lacks, and requests at most one each 10 s. */
  births: { burst: 60, perSecond: 0.5 },
  /** Births and deaths of devices, reports and batches of events. */
  reports: { burst: 5000, perSecond: 200 },
  /** Reports of runs and ranges: at most one a second for each stream, while something changes. */
  ranges: { burst: 100, perSecond: 2 },
  events: { burst: 100_000, perSecond: 1000 },
  /** Refused frames that lie between stored ones. Consecutive refusals count once. */
  refusals: { burst: 50_000, perSecond: 2 },
  /**
   * Frames of a known run that follow a frame of another run, as each may leave a receipt of its own. Backlog comes run by run, and live
   * frames belong to one run.
   */
  turns: { burst: 20_000, perSecond: 20 },
  /** A packed message counts with its unpacked size. */
  bytes: { burst: 32e6, perSecond: 4e6 },
  /** Bytes of large messages that were read and refused: finding the error in a megabyte may take 0.2 s of the main thread. */
  refusedBytes: { burst: 4e6, perSecond: 250e3 },
} as const satisfies Record<string, BucketSize>;
export type TrafficKind = keyof typeof trafficBudgets;
export type TrafficBudgets = Readonly<Record<TrafficKind, BucketSize>>;

/** No frame of a gateway is larger. A gateway whose frames are all refused because of its clock may thus send its backlog at full speed. */
const SMALL_BYTES = 4096;

/** Refusals reported one by one; the quarantine counts them all. */
const REPORTED_REFUSALS = { burst: 100, perSecond: 0.1 };
/** An excess counts as over after this long without another. */
const OVER_MS = 60_000;

interface Purse {
  readonly buckets: Map<TrafficKind | 'reportedRefusals', Bucket>;
  /** Time of the last excess, by code. */
  readonly over: Map<ErrorCode, number>;
}

export interface BudgetOptions {
  readonly machine: TimeBase;
  readonly sizes?: Partial<TrafficBudgets>;
  /** A gateway exceeds a budget (code and fault), or no longer does (null). */
  onBudget(gateway: string, code: ErrorCode, fault: Fault | null): void;
}

/**
 * Keeps each gateway within its budgets, before anything is decoded or stored. Whatever exceeds one is dropped without acknowledgement, so
 * an honest gateway resends it; an alarm stands until a minute has passed without excess.
 */
export class Budgets {
  readonly #options: BudgetOptions;
  readonly #sizes: TrafficBudgets;
  readonly #purses = new Map<string, Purse>();

  constructor(options: BudgetOptions) {
    this.#options = options;
    this.#sizes = { ...trafficBudgets, ...options.sizes };
  }

  /** True if `count` of this kind may pass. */
  admits(gateway: string, kind: TrafficKind, count = 1): boolean {
    if (this.#bucket(gateway, kind, this.#sizes[kind]).take(count, this.#now())) return true;
    const { perSecond, burst } = this.#sizes[kind];
    this.exceeded(gateway, 'LS-BUDGET-001', `${kind}: more than ${perSecond} per second and ${burst} at once`);
    return false;
  }

  /** False while the gateway has sent too many bytes that were refused. */
  mayRead(gateway: string): boolean {
    return this.admits(gateway, 'refusedBytes', 0);
  }

  refused(gateway: string, bytes: number): void {
    if (bytes <= SMALL_BYTES) return;
    this.#bucket(gateway, 'refusedBytes', this.#sizes.refusedBytes).owe(bytes, this.#now());
  }

  /** True if a refusal may be reported; the event log must not be flooded. */
  mayTell(gateway: string): boolean {
    return this.#bucket(gateway, 'reportedRefusals', REPORTED_REFUSALS).take(1, this.#now());
  }

  exceeded(gateway: string, code: ErrorCode, detail: string): void {
    const { over } = this.#purse(gateway);
    const isNew = !over.has(code);
    over.set(code, this.#now());
    if (isNew) this.#options.onBudget(gateway, code, { code, detail });
  }

  /** Reports budgets that are no longer exceeded; call it about each second. */
  turn(): void {
    for (const [gateway, { over }] of this.#purses) {
      for (const [code, at] of over) {
        if (this.#now() - at < OVER_MS) continue;
        over.delete(code);
        this.#options.onBudget(gateway, code, null);
      }
    }
  }

  #bucket(gateway: string, kind: TrafficKind | 'reportedRefusals', size: BucketSize): Bucket {
    const { buckets } = this.#purse(gateway);
    let bucket = buckets.get(kind);
    if (bucket === undefined) buckets.set(kind, (bucket = new Bucket(size, this.#now())));
    return bucket;
  }

  #purse(gateway: string): Purse {
    let purse = this.#purses.get(gateway);
    if (purse === undefined) this.#purses.set(gateway, (purse = { buckets: new Map(), over: new Map() }));
    return purse;
  }

  #now(): number {
    return this.#options.machine.elapsed();
  }
}
