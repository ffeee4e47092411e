import type { SigningKey } from '../../shared/codec/signed-document.ts';
import { judgeHeartbeat } from '../../shared/codec/signed-heartbeat.ts';
import type { Heartbeat } from '../../shared/contracts/report.ts';
import type { Disk } from '../../shared/ports/disk.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import { LatestFile } from './latest-file.ts';

export const HEARTBEAT_FILE = 'heartbeat.json';
const SIGNED = '{"version":1,"signed":true}';
const COVERS = '{"version":1,"signed":true,"covers":true}';
/** A heartbeat that took longer, on plant time, says nothing of now. */
const FRESH_MS = 120_000;
/** So long the answer to a birth may take: who is born anew before hears only answers to births of before. */
const ANSWER_MS = 30_000;

export interface HeartbeatGateOptions {
  readonly gateway: string;
  /** Those that may sign heartbeats. */
  readonly keys: () => Promise<readonly SigningKey[]>;
  /** A root is pinned: its cloud signs, and says what is accounted for, from the first heartbeat on. */
  readonly hasRoot: () => boolean;
  readonly disk: Disk;
  /** Heartbeats tell plant time. */
  readonly plant: Pick<TimeBase, 'elapsed'>;
}

/** `late`: it answers another birth, or tells of before; the answer to a new birth will tell whether the cloud is there. */
export type Judged = 'taken' | 'refused' | 'late';

/**
 * Which heartbeats count. Where no root is pinned, unsigned ones do until the cloud has signed one, and never again: whoever owns the
 * broker could hold a gateway out of its fail-safe. A signed one answers the nonce of the newest birth, so none was kept from before, and
 * of those that follow none may lag by more than two minutes behind the quickest.
 */
export class HeartbeatGate {
  readonly #options: HeartbeatGateOptions;
  readonly #file: LatestFile;
  #isPinned = false;
  #covers = false;
  #nonce = '';
  #bornAt = 0;
  /** Elapsed time less the time that was told, of the quickest since the birth. */
  #quickest = Number.POSITIVE_INFINITY;
  #newest = Number.NEGATIVE_INFINITY;

  constructor(options: HeartbeatGateOptions) {
    this.#options = options;
    this.#file = new LatestFile(options.disk, HEARTBEAT_FILE);
  }

  async load(): Promise<void> {
    const bytes = await this.#file.read();
    this.#isPinned = bytes !== undefined;
    this.#covers = bytes !== undefined && new TextDecoder().decode(bytes) === COVERS;
  }

  /** Heartbeats say what is accounted for: what says so unsigned closes no record any more. */
  get covers(): boolean {
    return this.#covers || this.#options.hasRoot();
  }

  /** A birth went out with this nonce. */
  begin(nonce: string): void {
    this.#nonce = nonce;
    this.#bornAt = this.#options.plant.elapsed();
    this.#quickest = Number.POSITIVE_INFINITY;
    this.#newest = Number.NEGATIVE_INFINITY;
  }

  /** Whether a new birth may help where heartbeats are late. */
  mayAskAnew(): boolean {
    return this.#options.plant.elapsed() - this.#bornAt >= ANSWER_MS;
  }

  async judge({ time, signed, covered }: Heartbeat): Promise<Judged> {
    const { gateway, keys, hasRoot, plant } = this.#options;
    if (signed === undefined) return this.#isPinned || hasRoot() ? 'refused' : 'taken';
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
    const isNew = !this.#isPinned || (covers && !this.#covers);
    this.#isPinned = true;
    this.#covers ||= covers;
    if (isNew) this.#file.put(this.#covers ? COVERS : SIGNED);
    return this.#file.write();
  }
}
