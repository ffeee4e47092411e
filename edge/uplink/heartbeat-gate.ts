import type { SigningKey } from '../../shared/codec/signed-document.ts';
import { judgeHeartbeat } from '../../shared/codec/signed-heartbeat.ts';
import type { Heartbeat } from '../../shared/contracts/report.ts';
import type { Disk } from '../../shared/ports/disk.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import { LatestFile } from './latest-file.ts';

export const HEARTBEAT_FILE = 'heartbeat.json';
const SIGNED = '{"version":1,"signed":true}';
const COVERS = '{"version":1,"signed":true,"covers":true}';
/** A heartbeat that took longer, on plant time, is stale. */
const FRESH_MS = 120_000;
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
 * cannot be a replay. Later ones may lag at most two minutes behind the fastest.
 */
export class HeartbeatGate {
  readonly #options: HeartbeatGateOptions;
  readonly #file: LatestFile;
  /** The disk has said whether a signed heartbeat was heard before. */
  #isLoaded = false;
  #isPinned = false;
  #covers = false;
  #nonce = '';
  #bornAt = 0;
  /** Least difference between elapsed time and heartbeat time since the birth. */
  #quickest = Number.POSITIVE_INFINITY;
  #newest = Number.NEGATIVE_INFINITY;

  constructor(options: HeartbeatGateOptions) {
    this.#options = options;
    this.#file = new LatestFile(options.disk, HEARTBEAT_FILE);
  }

  /** Does nothing while the disk does not answer; each heartbeat tries again. */
  async load(): Promise<void> {
    if (this.#isLoaded) return;
    try {
      const bytes = await this.#file.read();
      this.#isPinned ||= bytes !== undefined;
      this.#covers ||= bytes !== undefined && new TextDecoder().decode(bytes) === COVERS;
      this.#isLoaded = true;
    } catch {
      // Until the disk answers, nothing unsigned counts.
    }
  }

  /** True if heartbeats carry the acknowledgements, or may do so; unsigned acknowledgements then close no record. */
  get covers(): boolean {
    return !this.#isLoaded || this.#covers || this.#options.hasRoot();
  }

  /** Notes a birth sent with this nonce. */
  begin(nonce: string): void {
    this.#nonce = nonce;
    this.#bornAt = this.#options.plant.elapsed();
    this.#quickest = Number.POSITIVE_INFINITY;
    this.#newest = Number.NEGATIVE_INFINITY;
  }

  /** Whether a new birth may help when heartbeats are late. */
  isRebirthDue(): boolean {
    return this.#options.plant.elapsed() - this.#bornAt >= ANSWER_MS;
  }

  async judge({ time, signed, covered }: Heartbeat): Promise<Judged> {
    const { gateway, keys, hasRoot, plant } = this.#options;
    await this.load();
    if (signed === undefined) return !this.#isLoaded || this.#isPinned || hasRoot() ? 'refused' : 'taken';
    const judged = await judgeHeartbeat(signed, { gateway, nonce: this.#nonce, time, covered }, await keys());
    if (judged !== 'signed') return judged === 'refused' ? 'refused' : 'late';
    const now = plant.elapsed();
    const isFirst = this.#newest === Number.NEGATIVE_INFINITY;
    const lag = isFirst ? now - this.#bornAt : now - time - this.#quickest;
    if (lag > FRESH_MS || time < this.#newest) return 'late';
    this.#quickest = Math.min(this.#quickest, now - time);
    this.#newest = time;
    await this.#pin(covered !== undefined);
    return 'taken';
  }

  async #pin(covers: boolean): Promise<void> {
    // The file that cannot be read may say more than this heartbeat does.
    if (!this.#isLoaded && !covers) return;
    const isNew = !this.#isPinned || (covers && !this.#covers);
    this.#isPinned = true;
    this.#covers ||= covers;
    if (isNew) this.#file.put(this.#covers ? COVERS : SIGNED);
    return this.#file.write();
  }
}
