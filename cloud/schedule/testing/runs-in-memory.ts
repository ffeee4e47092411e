import type { LastRuns } from '../last-runs.ts';

/** Last runs that last as long as the test. */
export class RunsInMemory implements LastRuns {
  readonly #runs = new Map<string, number>();

  async seen(job: string, now: number): Promise<number> {
    const last = this.#runs.get(job) ?? now;
    this.#runs.set(job, last);
    return last;
  }

  async set(job: string, at: number): Promise<void> {
    this.#runs.set(job, at);
  }
}
