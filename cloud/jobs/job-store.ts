import type { Fault } from '../../shared/outcome/outcome.ts';
import type { Job, JobRequest, JobStatus } from './job.ts';

/** A job that was taken to run now. */
export interface TakenJob {
  readonly job: Job;
  readonly request: unknown;
  /** Number of times it was taken, including this one. */
  readonly attempts: number;
}

/** Selects among waiting jobs. */
export interface JobLane {
  readonly kinds: { readonly only: readonly string[] } | { readonly except: readonly string[] };
  /** Owners in the order in which they were last served, the latest first. Owners not in the list come before them. */
  readonly served: readonly string[];
}

export interface JobEnd {
  readonly status: JobStatus;
  readonly at: number;
  readonly href?: string;
  readonly fault?: Fault;
  /** The job joins the list of what was given up, and waits there for a decision. */
  readonly isGivenUp?: boolean;
}

/** A failed job that somebody must retry or discard. */
export interface GivenUpJob {
  readonly job: Job;
  readonly request: unknown;
  /** How often it was begun, or failed if nobody submitted it. */
  readonly attempts: number;
}

/** Jobs and their requests. They are durable before they are accepted, so that a restart continues them. Machine time, ms UTC. */
export interface JobStore {
  /** Appends a job to the queue; undefined if its owner has `most` unfinished jobs. */
  add(
    id: string,
    asked: JobRequest,
    limits: { readonly createdAt: number; readonly most: number },
  ): Promise<Job | undefined>;
  get(id: string): Promise<Job | undefined>;
  /** Number of jobs that wait to be taken. */
  waiting(): Promise<number>;
  /**
   * Takes the oldest waiting job of a lane from the owner served longest ago; absent: the oldest of all. It counts as running from now on:
   * concurrent callers get different jobs.
   */
  take(lane?: JobLane): Promise<TakenJob | undefined>;
  /** Makes a running job wait again as if it had not been taken, because its runner stops. */
  giveBack(id: string): Promise<void>;
  /** Makes running jobs wait again: for the only runner, at its start or after it failed to record an end. */
  requeue(): Promise<void>;
  /** Progress of a running job, 0 to 1. */
  progress(id: string, share: number): Promise<void>;
  /** Ends an unfinished job; of concurrent callers exactly one gets the ended job. */
  finish(id: string, end: JobEnd): Promise<Job | undefined>;
  /** Records work that nobody submitted as failed and given up. The same id counts another attempt. */
  giveUp(id: string, asked: JobRequest, end: { readonly at: number; readonly fault: Fault }): Promise<void>;
  /** What was given up and neither retried nor discarded; latest first, at most `limit`. */
  givenUp(limit: number): Promise<GivenUpJob[]>;
  /** Makes a job that was given up wait again, as if it were new. False: it is not in that list. */
  again(id: string): Promise<boolean>;
  /** Takes a job out of the list of what was given up; it stays failed. False: it is not in that list. */
  discard(id: string): Promise<boolean>;
}
