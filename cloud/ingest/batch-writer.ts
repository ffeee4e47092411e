import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { backOff } from '../../shared/time/back-off.ts';
import type { Clock, TimeBase, Timer } from '../../shared/time/clock.ts';
import type { TelemetryStore } from '../telemetry/store.ts';
import type { LedgerEntry } from './entries.ts';
import type { BatchTimes, FrameWatch, HeldFrame } from './frame-watch.ts';
import type { Ledger } from './ledger.ts';

interface Held extends HeldFrame {
  /** Arrival, ms on the monotonic clock. */
  readonly sinceMs: number;
}

export interface BatchWriterOptions {
  readonly store: Pick<TelemetryStore, 'write'>;
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** A batch is written once it has this many points or is this old (machine time). */
  readonly batchPoints: number;
  readonly batchAgeMs: number;
  /** Maximum number of points held, the batch in flight included. */
  readonly maxHeldPoints: number;
  /** These frames are now accounted for; the first of them waited this long, s. */
  onAccounted(entries: readonly LedgerEntry[], waitedS: number): void;
  /** The store refuses one frame because of its content. */
  onRefused(frame: HeldFrame, fault: LoadstoneError): void;
  /** Absent: no one observes the batch times. */
  readonly watch?: FrameWatch | undefined;
  /** Called with null when the store is back, with the fault when it does not answer. */
  onStore(fault: LoadstoneError | null): void;
}

/** With a backlog, a batch may take this many times `batchPoints`, so that commits do not limit throughput. */
const BACKLOG_FACTOR = 4;
const RETRY_MS = [500, 10_000] as const;

/**
 * Writes frames to the store, then to the ledger, in batches, one at a time. While the store does not answer, the writer holds what fits
 * and refuses the rest; unacknowledged frames are resent by their gateways.
 */
export class BatchWriter {
  readonly #options: BatchWriterOptions;
  #held: Held[] = [];
  #heldKeys = new Map<string, Set<number>>();
  #heldPoints = 0;
  /** Since start. */
  failedWrites = 0;
  /** Points held per gateway, for every gateway that has ever sent any. */
  readonly #heldOf = new Map<string, number>();
  #failures = 0;
  /** Frames taken since start, and how many of them are accounted for. */
  #offered = 0;
  #released = 0;
  #waiting: { readonly until: number; readonly resolve: () => void }[] = [];
  #running: Promise<void> | undefined;
  #timer: { readonly timer: Timer; readonly due: number } | undefined;
  #stopped = false;

  constructor(options: BatchWriterOptions) {
    this.#options = options;
  }

  /** True while the last write failed and is being retried. */
  get isFailing(): boolean {
    return this.#failures > 0;
  }

  get heldPoints(): number {
    return this.#heldPoints;
  }

  /** True if this frame is already held. */
  holds(entry: LedgerEntry): boolean {
    return this.#heldKeys.get(keyOf(entry))?.has(entry.offset) === true;
  }

  /** False if there is no room for the frame. */
  offer(frame: HeldFrame): boolean {
    const weight = weightOf(frame);
    if (this.#stopped || !this.#hasRoom(frame.entry.gateway, weight)) return false;
    const key = keyOf(frame.entry);
    let offsets = this.#heldKeys.get(key);
    if (offsets === undefined) this.#heldKeys.set(key, (offsets = new Set()));
    offsets.add(frame.entry.offset);
    this.#held.push({ ...frame, sinceMs: this.#options.clock.machine.elapsed() });
    this.#offered++;
    this.#hold(frame.entry.gateway, weight);
    if (this.#failures === 0) this.#arm(this.#heldPoints >= this.#options.batchPoints ? 0 : this.#options.batchAgeMs);
    return true;
  }

  /** Resolves once every frame taken so far is accounted for, or once the store fails. */
  settled(): Promise<void> {
    if (this.#released === this.#offered || this.#failures > 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ until: this.#offered, resolve }));
  }

  #tellWaiting(until: number): void {
    while ((this.#waiting[0]?.until ?? Infinity) <= until) this.#waiting.shift()!.resolve();
  }

  /** Tries once to write what is held, then takes nothing more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.timer.cancel();
    await this.#running;
    if (this.#held.length > 0) await this.#run(true);
  }

  /** As soon as there is another gateway, each may take at most half of the room, so that none blocks the rest. */
  #hasRoom(gateway: string, weight: number): boolean {
    const { maxHeldPoints } = this.#options;
    const held = this.#heldOf.get(gateway);
    const others = this.#heldOf.size - (held === undefined ? 0 : 1);
    if (others > 0 && (held ?? 0) + weight > Math.max(maxHeldPoints / 2, weight)) return false;
    return this.#heldPoints + weight <= maxHeldPoints;
  }

  #hold(gateway: string, weight: number): void {
    this.#heldPoints += weight;
    this.#heldOf.set(gateway, (this.#heldOf.get(gateway) ?? 0) + weight);
  }

  #arm(delayMs: number): void {
    if (this.#running !== undefined) return;
    const { machine } = this.#options.clock;
    const due = machine.elapsed() + delayMs;
    if (this.#timer !== undefined && this.#timer.due <= due) return;
    this.#timer?.timer.cancel();
    this.#timer = { timer: machine.after(delayMs, () => this.#wake()), due };
  }

  async #wake(): Promise<void> {
    this.#timer = undefined;
    this.#running ??= this.#run(false);
    try {
      await this.#running;
    } catch (error) {
      // Whatever failed, what is held is retried. A full disk, for example, also fails the event that would report it.
      this.#failures = Math.max(1, this.#failures);
      this.#tellWaiting(this.#offered);
      throw error;
    } finally {
      this.#running = undefined;
      this.#armNext();
    }
  }

  #armNext(): void {
    if (this.#stopped || this.#held.length === 0) return;
    this.#arm(this.#failures > 0 ? backOff(RETRY_MS, this.#failures) : this.#options.batchAgeMs);
  }

  async #run(last: boolean): Promise<void> {
    const least = last ? 1 : this.#options.batchPoints;
    do {
      const batch = this.#take();
      const fault = await this.#write(batch);
      if (fault !== undefined) {
        this.#failures++;
        this.failedWrites++;
        this.#tellWaiting(this.#offered);
        this.#options.onStore(fault);
        return;
      }
      if (this.#failures > 0) this.#options.onStore(null);
      this.#failures = 0;
      this.#release(batch);
    } while (this.#heldPoints >= least);
  }

  /** The next frames. They stay at the head of `#held` until they are accounted for. */
  #take(): Held[] {
    const most = this.#options.batchPoints * BACKLOG_FACTOR;
    let weight = 0;
    let count = 0;
    while (count < this.#held.length && (count === 0 || weight < most)) weight += weightOf(this.#held[count++]!);
    return this.#held.slice(0, count);
  }

  async #write(batch: readonly Held[]): Promise<LoadstoneError | undefined> {
    const { ledger, watch } = this.#options;
    const { machine, plant } = this.#options.clock;
    const watched = watch === undefined ? undefined : new Stopwatch(machine, batch[0]!.sinceMs);
    try {
      const entries = await this.#store(batch);
      watched?.stored();
      await ledger.record(entries, plant.now());
      if (watched !== undefined) watch!.written({ ...batch[0]!, entry: entries[0]! }, batch.length, watched.times());
      this.#options.onAccounted(entries, (machine.elapsed() - batch[0]!.sinceMs) / 1000);
      return undefined;
    } catch (error) {
      if (!(error instanceof LoadstoneError)) throw error;
      if (watched !== undefined) watch!.failed(batch[0]!, watched.times(), error);
      return error;
    }
  }

  /** The fate of each frame. If the store refuses a batch for its content, bisection finds the frame at fault. */
  async #store(batch: readonly HeldFrame[]): Promise<LedgerEntry[]> {
    try {
      const points = batch.flatMap((frame) => frame.points);
      if (points.length > 0) await this.#options.store.write(points);
      return batch.map((frame) => frame.entry);
    } catch (error) {
      if (!(error instanceof LoadstoneError) || error.code !== 'LS-STORE-002') throw error;
      const [only] = batch;
      if (batch.length === 1 && only !== undefined) {
        this.#options.onRefused(only, error);
        return [{ ...only.entry, code: error.code, time: null }];
      }
      const middle = batch.length >> 1;
      return [...(await this.#store(batch.slice(0, middle))), ...(await this.#store(batch.slice(middle)))];
    }
  }

  #release(batch: readonly HeldFrame[]): void {
    this.#released += batch.length;
    this.#tellWaiting(this.#released);
    this.#held = this.#held.slice(batch.length);
    for (const frame of batch) {
      this.#hold(frame.entry.gateway, -weightOf(frame));
      const key = keyOf(frame.entry);
      const offsets = this.#heldKeys.get(key);
      offsets?.delete(frame.entry.offset);
      if (offsets?.size === 0) this.#heldKeys.delete(key);
    }
  }
}

/** Measures the steps of one batch. */
class Stopwatch {
  readonly #machine: TimeBase;
  readonly #since: number;
  readonly #began: number;
  #stored: number | undefined;

  constructor(machine: TimeBase, since: number) {
    this.#machine = machine;
    this.#since = since;
    this.#began = machine.elapsed();
  }

  stored(): void {
    this.#stored = this.#machine.elapsed();
  }

  times(): BatchTimes {
    const now = this.#machine.elapsed();
    const stored = this.#stored ?? now;
    return { waitedMs: this.#began - this.#since, storeMs: stored - this.#began, ledgerMs: now - stored };
  }
}

/** A frame without points weighs 1, because it is held too. */
const weightOf = (frame: HeldFrame): number => Math.max(1, frame.points.length);
const keyOf = ({ gateway, stream, run }: LedgerEntry): string => `${gateway}/${stream}/${run}`;
