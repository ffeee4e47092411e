import type { Fault } from '../../shared/outcome/outcome.ts';

export type JobStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

/** A long piece of work and what came of it. Times in ms UTC of machine time. */
export interface Job {
  readonly id: string;
  readonly kind: string;
  /** Who asked for it: nobody else sees it. */
  readonly owner: string;
  readonly status: JobStatus;
  /** 0 to 1. */
  readonly progress: number;
  readonly createdAt: number;
  readonly finishedAt: number | null;
  /** Where the result lies, once there is one. */
  readonly href: string | null;
  readonly fault: Fault | null;
}

/** What a job was asked to do, as it is kept: JSON. */
export interface JobRequest {
  readonly kind: string;
  readonly owner: string;
  readonly request: unknown;
}

export const isOver = ({ status }: Pick<Job, 'status'>): boolean => status !== 'queued' && status !== 'running';
