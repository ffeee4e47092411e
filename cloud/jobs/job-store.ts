import type { Fault } from '../../shared/outcome/outcome.ts';
import type { Job, JobRequest, JobStatus } from './job.ts';

/** A job that runs now. */
export interface TakenJob {
  readonly job: Job;
  readonly request: unknown;
  /** How often it was taken, this time included. */
  readonly attempts: number;
}

/** Which of the jobs that wait. */
export interface JobLane {
  readonly kinds: { readonly only: readonly string[] } | { readonly except: readonly string[] };
  /** Owners in the order in which they were last served, the latest first. Who is not named goes before them. */
  readonly served: readonly string[];
}

export interface JobEnd {
  readonly status: JobStatus;
  readonly at: number;
  readonly href?: string;
  readonly fault?: Fault;
}

/** Jobs and their requests, on the medium before they are accepted, so that a restart goes on with them. Machine time, ms UTC. */
export interface JobStore {
  /** Puts a job at the end of the queue; undefined where its owner has `most` that are not over. */
  add(
    id: string,
    asked: JobRequest,
    limits: { readonly createdAt: number; readonly most: number },
  ): Promise<Job | undefined>;
  get(id: string): Promise<Job | undefined>;
  /**
   * Of the owner who was served longest ago, the oldest that waits of a lane; absent: the oldest of all. It counts as running from now on:
   * of many at once each gets another.
   */
  take(lane?: JobLane): Promise<TakenJob | undefined>;
  /** A job that runs waits again as if it had not been taken: its runner stops. */
  giveBack(id: string): Promise<void>;
  /** What runs waits again: asked by who alone runs jobs, as it starts or has not kept how one ended. */
  requeue(): Promise<void>;
  /** Of a job that runs, 0 to 1. */
  progress(id: string, share: number): Promise<void>;
  /** Ends a job that is not over; of many at once exactly one gets it as it ended. */
  finish(id: string, end: JobEnd): Promise<Job | undefined>;
}
