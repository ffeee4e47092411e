import { Worker } from 'node:worker_threads';
import type { Clock, Timer } from '../../shared/time/clock.ts';
import type { TimeLine } from '../../shared/time/timeline-clock.ts';
import type { FromUplink, Restored, ToUplink, Uplink } from './channel.ts';
import type { UplinkConfig } from './config.ts';
import { weightOf, type FromWorker, type ToWorker, type WorkerStart } from './worker-protocol.ts';

export interface WorkerUplinkOptions {
  readonly config: UplinkConfig;
  readonly clock: Clock;
  /** Plant time's line in a simulation; null if it is the machine's own time. */
  readonly line: TimeLine | null;
  /** Seed of run numbers and back-off; random in production. */
  readonly seed: number;
  readonly onFailure: (error: unknown) => void;
  /** Most frames and events on their way to the worker. */
  readonly maxQueued?: number;
}

const MAX_QUEUED = 20_000;
const RESTART_MS = 5000;
const STOP_MS = 4000;

/** The uplink in its own worker thread: the cycle queues messages and never waits. A worker that dies is restarted. */
export class WorkerUplink implements Uplink {
  readonly #options: WorkerUplinkOptions;
  #worker: Worker | undefined;
  #line: TimeLine | null;
  #handler: (message: FromUplink) => void = () => {};
  #births: ToUplink | undefined;
  #queued = 0;
  #refused = 0;
  #timer: Timer | undefined;
  #onRestored: (restored: Restored) => void = () => {};
  #onStopped: () => void = () => {};
  #stopping = false;
  #generation = 0;

  constructor(options: WorkerUplinkOptions) {
    this.#options = options;
    this.#line = options.line;
  }

  /** Frames, events and messages that found no room, here or in the worker. */
  get refused(): number {
    return this.#refused;
  }

  get queued(): number {
    return this.#queued;
  }

  async start(handler: (message: FromUplink) => void): Promise<Restored> {
    this.#handler = handler;
    const { promise, resolve } = Promise.withResolvers<Restored>();
    // If the first worker dies before it hands over the state, the next one does.
    this.#onRestored = resolve;
    this.#spawn();
    return promise;
  }

  send(message: ToUplink): boolean {
    if (message.kind === 'births') this.#births = message;
    const weight = weightOf(message);
    const worker = this.#worker;
    if (worker === undefined || this.#stopping || this.#queued + weight > (this.#options.maxQueued ?? MAX_QUEUED)) {
      this.#refused += weight;
      return false;
    }
    this.#queued += weight;
    this.#post({ kind: 'send', message, weight });
    return true;
  }

  /** Continues plant time along another line. */
  setLine(line: TimeLine): void {
    this.#line = line;
    this.#post({ kind: 'line', line });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#timer?.cancel();
    const worker = this.#worker;
    if (worker === undefined) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#options.clock.machine.after(STOP_MS, resolve);
    worker.once('exit', () => resolve());
    this.#onStopped = resolve;
    this.#post({ kind: 'stop' });
    await promise;
    timer.cancel();
    await worker.terminate();
  }

  #post(message: ToWorker): void {
    this.#worker?.postMessage(message);
  }

  #spawn(): void {
    const { config, seed, onFailure } = this.#options;
    // Each start draws different run numbers.
    const workerData: WorkerStart = { config, line: this.#line, seed: seed + this.#generation++ };
    const worker = new Worker(new URL('./uplink.worker.ts', import.meta.url), { workerData });
    this.#worker = worker;
    this.#queued = 0;
    worker.on('message', (message: FromWorker) => this.#hears(message));
    worker.on('error', onFailure);
    worker.on('exit', () => this.#gone(worker));
  }

  #hears(message: FromWorker): void {
    switch (message.kind) {
      case 'restored':
        this.#onRestored(message.restored);
        // A worker that was restarted knows no devices.
        if (this.#generation > 1 && this.#births !== undefined) this.send(this.#births);
        break;
      case 'from':
        this.#handler(message.message);
        break;
      case 'done':
        this.#queued -= message.weight;
        if (!message.taken) this.#refused += message.weight;
        break;
      case 'failure':
        this.#options.onFailure(new Error(message.text));
        break;
      case 'stopped':
        this.#onStopped();
        break;
    }
  }

  #gone(worker: Worker): void {
    if (worker !== this.#worker) return;
    this.#worker = undefined;
    this.#refused += this.#queued;
    this.#queued = 0;
    if (this.#stopping) return;
    this.#handler({ kind: 'link', connected: false });
    this.#timer = this.#options.clock.machine.after(RESTART_MS, () => {
      this.#spawn();
    });
  }
}
