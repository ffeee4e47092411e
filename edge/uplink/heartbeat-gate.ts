import type { SigningKey } from '../../shared/codec/signed-document.ts';
import { judgeHeartbeat } from '../../shared/codec/signed-heartbeat.ts';
import type { Heartbeat } from '../../shared/contracts/report.ts';
import type { Disk } from '../../shared/ports/disk.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import { LatestFile } from './latest-file.ts';

export const HEARTBEAT_FILE = 'heartbeat.json';
/** An earlier version reads `covers`. */
const SIGNED = '{"version":1,"signed":true,"covers":true}';
/** A heartbeat that took longer, on plant time, is stale. */
const FRESH_MS = 120_000;
/** A lag beyond this asks for a new birth, whose answer says anew which lag is none: clocks drift apart, and may be set. */
const LAGS_MS = 45_000;
/** The answer to a birth may take this long. A gateway that is born again sooner only hears answers to earlier births. */
const ANSWER_MS = 30_000;

export interface HeartbeatGateOptions {
  readonly gateway: string;
  /** Keys that may sign heartbeats. */
  readonly keys: () => Promise<readonly SigningKey[]>;
  /** A root is pinned: its cloud signs heartbeats and acknowledges in them from the first one on. */
  readonly hasRoot: () => boolean;
  readonly disk: Disk;
  /** Heartbeats carry plant time. */
  readonly plant: Pick<TimeBase, 'elapsed'>;
}

/** `late`: it answers another birth, or is stale. The answer to a new birth will show whether the cloud is there. */
export type Judged = 'taken' | 'refused' | 'late';

/**
 * Decides which heartbeats count. Without a pinned root, unsigned ones count until the cloud has signed one, and never again:
 * whoever owns the broker could keep a gateway out of its fail-safe. A signed one answers the nonce of the newest birth, so it
 * cannot be a replay. Later ones may lag at most two minutes behind the fastest, and their lag counts as age.
 */
export class HeartbeatGate {
  readonly #options: HeartbeatGateOptions;
  readonly #file: LatestFile;
  /** The disk has said whether a signed heartbeat was heard before. */
  #isLoaded = false;
  #isPinned = false;
  #nonce = '';
  #bornAt = 0;
  /** Least difference between elapsed time and heartbeat time since the birth. */
  #quickest = Number.POSITIVE_INFINITY;
  #newest = Number.NEGATIVE_INFINITY;
  #lagMs = 0;
  #isBehind = false;

  constructor(options: HeartbeatGateOptions) {
    this.#options = options;
    this.#file = new LatestFile(options.disk, HEARTBEAT_FILE);
  }

  /** Does nothing while the disk does not answer; each heartbeat tries again. */
  async load(): Promise<void> {
    if (this.#isLoaded) return;
    try {
      this.#isPinned ||= (await this.#file.read()) !== undefined;
      this.#isLoaded = true;
    } catch {
      // Until the disk answers, nothing unsigned counts.
    }
  }

  /** Only signed heartbeats count, so unsigned acknowledgements close no record. */
  get isPinned(): boolean {
    return !this.#isLoaded || this.#isPinned || this.#options.hasRoot();
  }

  /** How much longer the heartbeat taken last was under way than the fastest; of the first, the time since its birth, ms. */
  get lagMs(): number {
    return this.#lagMs;
  }

  /** Notes a birth sent with this nonce. */
  begin(nonce: string): void {
    this.#nonce = nonce;
    this.#bornAt = this.#options.plant.elapsed();
    this.#quickest = Number.POSITIVE_INFINITY;
    this.#newest = Number.NEGATIVE_INFINITY;
  }

  /** Whether a new birth may help after this heartbeat. */
  isRebirthDue(judged: Judged): boolean {
    const lags = judged === 'late' || (judged === 'taken' && this.#isBehind);
    return lags && this.#options.plant.elapsed() - this.#bornAt >= ANSWER_MS;
  }

  async judge({ time, signed, covered }: Heartbeat): Promise<Judged> {
    const { gateway, keys, plant } = this.#options;
    await this.load();
    if (signed === undefined) {
      if (this.isPinned) return 'refused';
      this.#lagMs = 0;
      return 'taken';
    }
    const judged = await judgeHeartbeat(signed, { gateway, nonce: this.#nonce, time, covered }, await keys());
    if (judged !== 'signed') return judged === 'refused' ? 'refused' : 'late';
    const now = plant.elapsed();
    const isFirst = this.#newest === Number.NEGATIVE_INFINITY;
    const lag = isFirst ? now - this.#bornAt : now - time - this.#quickest;
    if (lag > FRESH_MS || time < this.#newest) return 'late';
    this.#quickest = Math.min(this.#quickest, now - time);
    this.#newest = time;
    this.#lagMs = Math.max(0, lag);
    this.#isBehind = !isFirst && lag > LAGS_MS;
    await this.#pin();
    return 'taken';
  }

  #pin(): Promise<void> {
    if (!this.#isPinned) this.#file.put(SIGNED);
    this.#isPinned = true;
    return this.#file.write();
  }
}
