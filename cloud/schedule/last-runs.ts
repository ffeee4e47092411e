/** When each scheduled job ran last, over restarts, ms UTC of plant time. */
export interface LastRuns {
  /** A job that was never seen counts as run `now`: of many who see it first at once, all get the same. */
  seen(job: string, now: number): Promise<number>;
  set(job: string, at: number): Promise<void>;
}
