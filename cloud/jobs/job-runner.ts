import { LoadstoneError, type Fault } from '../../shared/outcome/outcome.ts';
import type { TimeBase, Timer } from '../../shared/time/clock.ts';
import type { Job, JobRequest } from './job.ts';
import { isOver } from './job.ts';
import type { JobEnd, JobLane, JobStore, TakenJob } from './job-store.ts';

export interface JobContext {
  readonly id: string;
  /** Reports the completed share, 0 to 1. */
  readonly progress: (share: number) => void;
  /** Throws if the job was cancelled; call it between two pieces of work. */
  readonly check: () => void;
}

/** Does one kind of job and returns the location of its result. Must be idempotent. */
export type JobHandler = (request: never, context: JobContext) => Promise<string>;

export interface JobRunnerOptions {
  readonly store: JobStore;
  readonly time: TimeBase;
  readonly handlers: Readonly<Record<string, JobHandler>>;
  /** Kinds that take minutes; no other job waits for them. Default: none. */
  readonly long?: readonly string[];
  readonly newId: () => string;
  onFinished?(job: Job): void;
  /** A bug, with which the job fails, or a store that does not answer. */
  onBug(error: unknown): void;
}

const MOST_WAITING = 50;
/** A job that ended the process this often is not retried. */
const MOST_ATTEMPTS = 3;
const AGAIN_MS = 10_000;

class Cancelled extends Error {}

/** The process stops and does not wait for a job node; the next start runs the job again. */
const isEndOfProcess = (error: unknown): boolean => error instanceof LoadstoneError && error.code === 'LS-NODE-001';

/** Every job node, or the cloud itself, ended with the job: it would do so again. */
const isGivenUp = (error: unknown): boolean =>
  error instanceof TooOften || (error instanceof LoadstoneError && error.code === 'LS-NODE-002');

class TooOften extends LoadstoneError {
  constructor() {
    super('LS-JOB-001', `the process ended ${MOST_ATTEMPTS} times during this job`);
  }
}

/** Number of owners whose turns a lane remembers. */
const MOST_SERVED = 100;

/** Jobs that run one after another. */
class Lane implements JobLane {
  readonly kinds: JobLane['kinds'];
  served: readonly string[] = [];
  working: Promise<void> | undefined;
  /** A job was submitted since the last look. */
  isAsked = false;

  constructor(kinds: JobLane['kinds']) {
    this.kinds = kinds;
  }

  serve(owner: string): void {
    this.served = [owner, ...this.served.filter((each) => each !== owner)].slice(0, MOST_SERVED);
  }
}

/**
 * Runs jobs in two parallel lanes, long ones and all others, so that a short job never waits for a long one. Within a lane they run one
 * after another: next is the oldest job of the owner served longest ago, so that no one waits for all jobs of another. Jobs interrupted by
 * a restart run again.
 */
export class JobRunner {
  readonly #options: JobRunnerOptions;
  readonly #waiters = new Map<string, Set<(job: Job | undefined) => void>>();
  readonly #running = new Set<string>();
  readonly #cancelled = new Set<string>();
  readonly #lanes: readonly Lane[];
  /** The store did not record the end of a job, which will run again. */
  #isBehind = false;
  #again: Timer | undefined;
  #stopping = false;

  constructor(options: JobRunnerOptions) {
    this.#options = options;
    const { long = [] } = options;
    this.#lanes = [new Lane({ except: long }), ...(long.length === 0 ? [] : [new Lane({ only: long })])];
  }

  /** The store must be open. */
  async start(): Promise<void> {
    await this.#options.store.requeue();
    this.#pump();
  }

  /** Leaves running jobs as they are; the next start runs them again. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#again?.cancel();
    for (const { working } of this.#lanes) await working;
  }

  async submit(asked: JobRequest): Promise<Job> {
    const { store, newId, time } = this.#options;
    const job = await store.add(newId(), asked, { createdAt: time.now(), most: MOST_WAITING });
    if (job === undefined)
      throw new LoadstoneError('LS-API-008', `${MOST_WAITING} jobs of ${asked.owner} are already waiting`);
    this.#pump();
    return job;
  }

  get(id: string): Promise<Job | undefined> {
    return this.#options.store.get(id);
  }

  /** Cancels an unfinished job. A finished one stays. */
  async cancel(id: string): Promise<Job | undefined> {
    // Before the store knows, because the job may be taken meanwhile.
    this.#cancelled.add(id);
    try {
      return (await this.#end(id, { status: 'cancelled' })) ?? (await this.get(id));
    } finally {
      // A running job is cleared when it ends; no other will run.
      if (!this.#running.has(id)) this.#cancelled.delete(id);
    }
  }

  /** Runs a job again that was given up. False: it is not in that list. */
  async retry(id: string): Promise<boolean> {
    const isQueued = await this.#options.store.again(id);
    if (isQueued) this.#pump();
    return isQueued;
  }

  /** The job once it is over, or its state after `patienceMs`. */
  async finished(id: string, patienceMs: number): Promise<Job | undefined> {
    const over = Promise.withResolvers<Job | undefined>();
    const waiters = this.#waiters.get(id) ?? new Set();
    this.#waiters.set(id, waiters.add(over.resolve));
    const timer = this.#options.time.after(patienceMs, () => over.resolve(undefined));
    try {
      const job = await this.get(id);
      return job === undefined || isOver(job) ? job : ((await over.promise) ?? (await this.get(id)));
    } finally {
      timer.cancel();
      waiters.delete(over.resolve);
      if (waiters.size === 0) this.#waiters.delete(id);
    }
  }

  #pump(): void {
    for (const lane of this.#lanes) {
      lane.isAsked = true;
      if (lane.working === undefined && !this.#stopping) lane.working = this.#work(lane);
    }
  }

  async #work(lane: Lane): Promise<void> {
    // Answers the submitter first.
    await new Promise(setImmediate);
    try {
      // A job running in the other lane is then shown as waiting; it is not taken again before it has ended.
      if (this.#isBehind) {
        this.#isBehind = false;
        await this.#options.store.requeue();
      }
      while (lane.isAsked) {
        lane.isAsked = false;
        for (let next = await this.#next(lane); next !== undefined; next = await this.#next(lane)) {
          lane.serve(next.job.owner);
          await this.#run(next);
        }
      }
    } catch (error) {
      // No caller awaits this: a full disk must not end the process.
      this.#isBehind = true;
      this.#again?.cancel();
      if (!this.#stopping) this.#again = this.#options.time.after(AGAIN_MS, () => this.#pump());
      this.#options.onBug(error);
    } finally {
      lane.working = undefined;
    }
  }

  async #next(lane: Lane): Promise<TakenJob | undefined> {
    return this.#stopping ? undefined : this.#options.store.take(lane);
  }

  async #run(taken: TakenJob): Promise<void> {
    const { id } = taken.job;
    this.#running.add(id);
    try {
      const end = await this.#done(taken);
      if (end === undefined) await this.#options.store.giveBack(id);
      else await this.#end(id, end);
    } finally {
      this.#running.delete(id);
      this.#cancelled.delete(id);
    }
  }

  /** Does the job. Undefined: it was cancelled, or the process stops. */
  async #done({ job, request, attempts }: TakenJob): Promise<Omit<JobEnd, 'at'> | undefined> {
    try {
      const handler = this.#options.handlers[job.kind];
      if (handler === undefined) throw new LoadstoneError('LS-JOB-001', `there is no job kind ${job.kind}`);
      if (attempts > MOST_ATTEMPTS) throw new TooOften();
      return { status: 'succeeded', href: await handler(request as never, this.#context(job.id)) };
    } catch (error) {
      if (isEndOfProcess(error)) this.#stopping = true;
      if (error instanceof Cancelled || isEndOfProcess(error)) return undefined;
      return { status: 'failed', fault: this.#faultOf(error), isGivenUp: isGivenUp(error) };
    }
  }

  #context(id: string): JobContext {
    const { store } = this.#options;
    return {
      id,
      progress: (share) =>
        void store.progress(id, Math.min(1, Math.max(0, share))).catch((error: unknown) => this.#options.onBug(error)),
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
    return { code: 'LS-API-010', detail: 'internal error; details are in the log' };
  }

  /** Ends an unfinished job and publishes it. Undefined: it was over already. */
  async #end(id: string, end: Omit<JobEnd, 'at'>): Promise<Job | undefined> {
    const { store, time } = this.#options;
    const job = await store.finish(id, { ...end, at: time.now() });
    if (job === undefined) return undefined;
    this.#options.onFinished?.(job);
    for (const waiter of this.#waiters.get(id) ?? []) waiter(job);
    return job;
  }
}
