/** When each scheduled job ran last, persisted, ms UTC of plant time. */
export interface LastRuns {
  /** Returns the last run. An unknown job counts as run `now`; concurrent first callers all get the same time. */
  seen(job: string, now: number): Promise<number>;
  set(job: string, at: number): Promise<void>;
}
