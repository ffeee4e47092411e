import { LoadstoneError, type Fault } from '../../shared/outcome/outcome.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import type { Job, JobRequest } from './job.ts';
import { isOver } from './job.ts';
import type { JobStore } from './job-store.ts';

export interface JobContext {
  readonly id: string;
  /** Share that is done, 0 to 1. */
  readonly progress: (share: number) => void;
  /** Throws where the job was cancelled: call it between two pieces of work. */
  readonly check: () => void;
}

/** Does one kind of job; answers with where the result lies. Doing it twice does no harm. */
export type JobHandler = (request: never, context: JobContext) => Promise<string>;

export interface JobRunnerOptions {
  readonly store: JobStore;
  readonly time: TimeBase;
  readonly handlers: Readonly<Record<string, JobHandler>>;
  readonly newId: () => string;
  onFinished?(job: Job): void;
  /** A bug of ours: the job fails, this is told. */
  onBug(error: unknown): void;
}

const MOST_WAITING = 50;
/** A job that took the process down with it so often is not tried again. */
const MOST_ATTEMPTS = 3;
const KEEP_MS = 90 * 86_400_000;

class Cancelled extends Error {}

/** Runs jobs one after the other, in the order in which they came; what a restart interrupts is begun anew. */
export class JobRunner {
  readonly #options: JobRunnerOptions;
  readonly #waiters = new Map<string, Set<(job: Job) => void>>();
  readonly #cancelled = new Set<string>();
  #working: Promise<void> | undefined;
  #stopping = false;

  constructor(options: JobRunnerOptions) {
    this.#options = options;
  }

  /** The store is open. */
  start(): void {
    const { store, time } = this.#options;
    store.requeue();
    store.prune(time.now() - KEEP_MS);
    this.#pump();
  }

  /** What runs is left where it is; the next start begins it anew. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#working;
  }

  submit(asked: JobRequest): Job {
    const { store, newId, time } = this.#options;
    if (store.waiting(asked.owner) >= MOST_WAITING)
      throw new LoadstoneError('LS-API-008', `${MOST_WAITING} jobs of ${asked.owner} are waiting already`);
    const job = store.add(newId(), asked, time.now());
    this.#pump();
    return job;
  }

  get(id: string): Job | undefined {
    return this.#options.store.get(id);
  }

  /** Cancels what is not over; what is over stays as it is. */
  cancel(id: string): Job | undefined {
    const { store, time } = this.#options;
    this.#cancelled.add(id);
    if (store.finish(id, { status: 'cancelled', at: time.now() })) this.#told(id);
    return store.get(id);
  }

  /** The job once it is over, or as it is when `patienceMs` have passed. */
  finished(id: string, patienceMs: number): Promise<Job | undefined> {
    const job = this.get(id);
    if (job === undefined || isOver(job)) return Promise.resolve(job);
    return new Promise((resolve) => {
      const waiters = this.#waiters.get(id) ?? new Set();
      this.#waiters.set(id, waiters);
      const done = (value: Job | undefined): void => {
        timer.cancel();
        waiters.delete(done);
        if (waiters.size === 0) this.#waiters.delete(id);
        resolve(value);
      };
      const timer = this.#options.time.after(patienceMs, () => done(this.get(id)));
      waiters.add(done);
    });
  }

  #pump(): void {
    if (this.#working !== undefined || this.#stopping) return;
    this.#working = this.#work();
  }

  async #work(): Promise<void> {
    // Who submitted is answered first.
    await new Promise(setImmediate);
    try {
      for (let next = this.#next(); next !== undefined; next = this.#next()) await this.#run(next);
    } finally {
      this.#working = undefined;
    }
  }

  #next(): ReturnType<JobStore['take']> {
    return this.#stopping ? undefined : this.#options.store.take();
  }

  async #run({ job, request, attempts }: NonNullable<ReturnType<JobStore['take']>>): Promise<void> {
    const { store, handlers, time } = this.#options;
    try {
      const handler = handlers[job.kind];
      if (handler === undefined) throw new LoadstoneError('LS-JOB-001', `there is no job of the kind ${job.kind}`);
      if (attempts > MOST_ATTEMPTS)
        throw new LoadstoneError('LS-JOB-001', `the process ended ${MOST_ATTEMPTS} times during this job`);
      const href = await handler(request as never, this.#context(job.id));
      if (store.finish(job.id, { status: 'succeeded', at: time.now(), href })) this.#told(job.id);
    } catch (error) {
      if (error instanceof Cancelled) return;
      if (store.finish(job.id, { status: 'failed', at: time.now(), fault: this.#faultOf(error) })) this.#told(job.id);
    } finally {
      this.#cancelled.delete(job.id);
    }
  }

  #context(id: string): JobContext {
    return {
      id,
      progress: (share) => this.#options.store.progress(id, Math.min(1, Math.max(0, share))),
      check: () => {
        if (this.#stopping || this.#cancelled.has(id)) throw new Cancelled();
      },
    };
  }

  #faultOf(error: unknown): Fault {
    if (error instanceof LoadstoneError)
      return {
        code: error.code,
        detail: error.message,
        ...(error.pointer === undefined ? {} : { pointer: error.pointer }),
      };
    this.#options.onBug(error);
    return { code: 'LS-API-010', detail: 'an error of ours; it is in the log' };
  }

  #told(id: string): void {
    const job = this.get(id)!;
    this.#options.onFinished?.(job);
    for (const waiter of this.#waiters.get(id) ?? []) waiter(job);
  }
}
