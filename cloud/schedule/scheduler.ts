import type { TimeBase } from '../../shared/time/clock.ts';
import { isDue, type CalendarRule } from './calendar.ts';
import type { LastRuns } from './last-runs.ts';

export interface Job {
  readonly name: string;
  readonly rule: CalendarRule;
  run(): Promise<void>;
}

/**
 * Runs daily and weekly jobs. It is woken from outside (node-cron in production, the virtual clock in simulation); what is due is decided
 * on plant time from the persisted last run. A failed job is retried at the next wake.
 */
export class Scheduler {
  readonly #plant: TimeBase;
  readonly #runs: LastRuns;
  readonly #jobs: readonly Job[];
  readonly #onFailure: (job: string, error: unknown) => void;
  #busy = false;
  /** Last run of each job as far as read from the store. */
  readonly #last = new Map<string, number>();

  constructor(options: {
    plant: TimeBase;
    runs: LastRuns;
    jobs: readonly Job[];
    onFailure: (job: string, error: unknown) => void;
  }) {
    this.#plant = options.plant;
    this.#runs = options.runs;
    this.#jobs = options.jobs;
    this.#onFailure = options.onFailure;
  }

  async wake(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (const job of this.#jobs) await this.#consider(job);
    } finally {
      this.#busy = false;
    }
  }

  async #consider(job: Job): Promise<void> {
    const now = this.#plant.now();
    // The store's last run can only be later, so a job that is not due by the cached one is not due.
    const known = this.#last.get(job.name);
    if (known !== undefined && !isDue(job.rule, known, now)) return;
    const last = await this.#runs.seen(job.name, now);
    this.#last.set(job.name, last);
    if (!isDue(job.rule, last, now)) return;
    try {
      await job.run();
      await this.#runs.set(job.name, now);
    } catch (error) {
      this.#onFailure(job.name, error);
    }
  }
}
