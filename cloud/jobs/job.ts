import type { Fault } from '../../shared/outcome/outcome.ts';

export type JobStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

/** A long piece of work and its result. Times in ms UTC of machine time. */
export interface Job {
  readonly id: string;
  readonly kind: string;
  /** The user who requested it; no one else sees it. */
  readonly owner: string;
  readonly status: JobStatus;
  /** 0 to 1. */
  readonly progress: number;
  readonly createdAt: number;
  readonly finishedAt: number | null;
  /** Location of the result, once there is one. */
  readonly href: string | null;
  readonly fault: Fault | null;
}

/** The stored request of a job: JSON. */
export interface JobRequest {
  readonly kind: string;
  readonly owner: string;
  readonly request: unknown;
}

export const isOver = ({ status }: Pick<Job, 'status'>): boolean => status !== 'queued' && status !== 'running';
