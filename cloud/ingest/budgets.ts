import type { ErrorCode } from '../../shared/outcome/catalogue.ts';
import type { Fault } from '../../shared/outcome/outcome.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import { Bucket, type BucketSize } from '../../shared/time/bucket.ts';

/**
 * What one gateway may send, machine time. A gateway sends 5,000 records of backlog a second at most beside its live data, and
 * its births, reports and events come in tens: no gateway that does what ours do meets these.
 */
export const trafficBudgets = {
  /** Messages of measurements; a frame each, of a foreign node each frame that is in it. */
  frames: { burst: 20_000, perSecond: 10_000 },
  /** Births of the node, each of which is answered with what the gateway lacks; it is asked for one each 10 s at most. */
  births: { burst: 60, perSecond: 0.5 },
  /** Births of devices, reports and batches of events. */
  reports: { burst: 5000, perSecond: 200 },
  /** Reports of runs and ranges: one for each stream a second at most, while something changes. */
  ranges: { burst: 100, perSecond: 2 },
  events: { burst: 100_000, perSecond: 1000 },
  /** Refused frames, each between others that are stored. Those that follow on one another count once. */
  refusals: { burst: 50_000, perSecond: 2 },
  /**
   * Frames of a known run after one of another run: each may leave a receipt of its own. Backlog goes run by run, and what is live
   * is of one.
   */
  turns: { burst: 20_000, perSecond: 20 },
  /** What is packed counts as what it unpacks to. */
  bytes: { burst: 32e6, perSecond: 4e6 },
  /** Bytes of large messages that were read and refused: what is wrong with a megabyte takes up to 0.2 s of the main thread to find. */
  refusedBytes: { burst: 4e6, perSecond: 250e3 },
} as const satisfies Record<string, BucketSize>;
export type TrafficKind = keyof typeof trafficBudgets;
export type TrafficBudgets = Readonly<Record<TrafficKind, BucketSize>>;

/** No frame of a gateway is larger: one whose frames are all refused, for its clock, sends its backlog as fast as any. */
const SMALL_BYTES = 4096;

/** Refusals that are told one by one; the quarantine counts them all. */
const TOLD = { burst: 100, perSecond: 0.1 };
/** Nothing was over budget for so long: it is over. */
const OVER_MS = 60_000;

interface Purse {
  readonly buckets: Map<TrafficKind | 'told', Bucket>;
  /** When it was last over, by code. */
  readonly over: Map<ErrorCode, number>;
}

export interface BudgetOptions {
  readonly machine: TimeBase;
  readonly sizes?: Partial<TrafficBudgets>;
  /** A gateway is over a budget (its code and what it is), or is no longer (null). */
  onBudget(gateway: string, code: ErrorCode, fault: Fault | null): void;
}

/**
 * Keeps each gateway within what it may send and open, before anything is decoded or kept. What is over is left alone and not
 * acknowledged, so an honest gateway sends it again; an alarm says so until it has been over for a minute.
 */
export class Budgets {
  readonly #options: BudgetOptions;
  readonly #sizes: TrafficBudgets;
  readonly #purses = new Map<string, Purse>();

  constructor(options: BudgetOptions) {
    this.#options = options;
    this.#sizes = { ...trafficBudgets, ...options.sizes };
  }

  /** Whether `count` of this kind may pass. */
  admits(gateway: string, kind: TrafficKind, count = 1): boolean {
    if (this.#bucket(gateway, kind, this.#sizes[kind]).take(count, this.#now())) return true;
    const { perSecond, burst } = this.#sizes[kind];
    this.exceeded(gateway, 'LS-BUDGET-001', `${kind}: more than ${perSecond} a second, and ${burst} at once`);
    return false;
  }

  /** Whether anything of it may be read: not while it has sent too much that was refused. */
  mayRead(gateway: string): boolean {
    return this.admits(gateway, 'refusedBytes', 0);
  }

  refused(gateway: string, bytes: number): void {
    if (bytes <= SMALL_BYTES) return;
    this.#bucket(gateway, 'refusedBytes', this.#sizes.refusedBytes).owe(bytes, this.#now());
  }

  /** Whether a refusal is told of: the event log is no place for a flood. */
  mayTell(gateway: string): boolean {
    return this.#bucket(gateway, 'told', TOLD).take(1, this.#now());
  }

  exceeded(gateway: string, code: ErrorCode, detail: string): void {
    const { over } = this.#purse(gateway);
    const isNew = !over.has(code);
    over.set(code, this.#now());
    if (isNew) this.#options.onBudget(gateway, code, { code, detail });
  }

  /** Says what is over; call it each second or so. */
  turn(): void {
    for (const [gateway, { over }] of this.#purses) {
      for (const [code, at] of over) {
        if (this.#now() - at < OVER_MS) continue;
        over.delete(code);
        this.#options.onBudget(gateway, code, null);
      }
    }
  }

  #bucket(gateway: string, kind: TrafficKind | 'told', size: BucketSize): Bucket {
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
