import { Worker } from 'node:worker_threads';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { ColumnWriter, transferOf } from './columns.ts';
import { assertStorable } from './points.ts';
import { coreOptions, storeFault, withKnown, type SqliteStoreOptions } from './sqlite-store.ts';
import type { StoreAnswer, StoreRequest } from './sqlite.worker.ts';
import type { Sample } from '../../shared/contracts/sample.ts';
import type { Interval, IntervalsQuery, MeansQuery, Point, RangeQuery, SeriesKey, TelemetryStore } from './store.ts';

export interface WorkerStoreOptions extends SqliteStoreOptions {
  /** Maximum number of points waiting for the worker; a write beyond it is refused at once with LS-STORE-001. */
  readonly maxWaitingPoints?: number;
}

interface Waiting {
  readonly points: number;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

type Ask = StoreRequest extends infer Each ? (Each extends { id: number } ? Omit<Each, 'id'> : never) : never;

/** SQLite in a worker thread, so that waiting for the disk blocks no one else. A worker that died is replaced at the next call. */
export class WorkerStore implements TelemetryStore {
  readonly #options: WorkerStoreOptions;
  readonly #columns = new ColumnWriter();
  readonly #checked = new WeakSet<SeriesKey>();
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #nextId = 0;
  #waitingPoints = 0;
  #open = false;

  constructor(options: WorkerStoreOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    this.#open = true;
    await this.#ask({ kind: 'latest', query: { series: [], start: 0, end: 0 } });
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    const closed = worker === undefined ? undefined : this.#ask({ kind: 'close' });
    // A later call must not start another worker, also where this one has died.
    this.#open = false;
    if (worker === undefined) return;
    try {
      await closed;
    } finally {
      this.#worker = undefined;
      await worker.terminate();
    }
  }

  async write(points: readonly Point[]): Promise<void> {
    assertStorable(points, this.#checked);
    const limit = this.#options.maxWaitingPoints ?? 200_000;
    if (this.#waitingPoints > 0 && this.#waitingPoints + points.length > limit) {
      throw new LoadstoneError(
        'LS-STORE-001',
        `telemetry store: ${this.#waitingPoints} points are already waiting for the disk`,
      );
    }
    this.#start();
    await this.#ask({ kind: 'write', columns: this.#columns.encode(points) }, points.length);
  }

  async read(query: RangeQuery): Promise<Sample[][]> {
    return (await this.#ask({ kind: 'read', query: withKnown(query, this.#options.receivedAt) })) as Sample[][];
  }

  async intervals(query: IntervalsQuery): Promise<Interval[][]> {
    return (await this.#ask({ kind: 'intervals', query: withKnown(query, this.#options.receivedAt) })) as Interval[][];
  }

  async means(query: MeansQuery): Promise<Float64Array[]> {
    return (await this.#ask({ kind: 'means', query: withKnown(query, this.#options.receivedAt) })) as Float64Array[];
  }

  async latest(query: RangeQuery): Promise<(Sample | undefined)[]> {
    return (await this.#ask({ kind: 'latest', query: withKnown(query, this.#options.receivedAt) })) as (
      | Sample
      | undefined
    )[];
  }

  async maintain(now: number, stopping?: AbortSignal): Promise<boolean> {
    const isStopping = (): boolean => stopping?.aborted === true;
    // Other requests are served between two pieces.
    while (!isStopping() && (await this.#ask({ kind: 'maintain', now })) === true);
    return false;
  }

  #start(): Worker {
    if (!this.#open) throw new LoadstoneError('LS-STORE-001', 'the telemetry store is not open');
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(new URL('./sqlite.worker.ts', import.meta.url), {
      workerData: coreOptions(this.#options),
    });
    worker.on('message', (answer: StoreAnswer) => this.#settle(answer));
    worker.on('error', (error) => this.#lost(worker, error));
    worker.on('exit', () => this.#lost(worker, new Error('its worker thread has ended')));
    this.#columns.reset();
    this.#worker = worker;
    return worker;
  }

  async #ask(ask: Ask, points = 0): Promise<unknown> {
    const worker = this.#start();
    const id = this.#nextId++;
    this.#waitingPoints += points;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { points, resolve, reject });
      worker.postMessage({ ...ask, id }, ask.kind === 'write' ? transferOf(ask.columns) : []);
    });
  }

  #settle(answer: StoreAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    if (waiting === undefined) return;
    this.#waiting.delete(answer.id);
    this.#waitingPoints -= waiting.points;
    if (answer.ok) waiting.resolve(answer.value);
    else waiting.reject(storeFault(answer.message));
  }

  #lost(worker: Worker, error: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#waitingPoints = 0;
    for (const each of waiting) each.reject(storeFault(ofThread(error)));
  }
}

/** The class of a coded error does not survive the transfer from another thread; its name and code do. */
const ofThread = (error: unknown): unknown =>
  error instanceof Error && error.name === 'LoadstoneError'
    ? new LoadstoneError((error as LoadstoneError).code, error.message)
    : error;
