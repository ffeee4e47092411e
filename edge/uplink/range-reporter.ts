import { streams, type Stream } from '../../shared/contracts/frame.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { Journal } from '../journal/journal.ts';

export interface RangeReporterOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly publish: (json: string) => Promise<boolean>;
}

const AGAIN_MS = 10_000;
const CHANGED_MS = 1000;

/** Reports the existing runs and missing ranges to the cloud until it has recorded them. */
export class RangeReporter {
  readonly #options: RangeReporterOptions;
  #reported: Record<Stream, number> = { measurements: -1, events: -1 };
  #resent = 0;
  #at = 0;

  constructor(options: RangeReporterOptions) {
    this.#options = options;
  }

  /** Publishes the report; called at each birth and after changes. */
  async report(): Promise<void> {
    const { journal, clock, publish } = this.#options;
    this.#at = clock.machine.elapsed();
    for (const stream of streams) {
      const version = journal.reportVersion(stream);
      const report = journal.report(stream);
      if (report.runs.length > 0 && (await publish(JSON.stringify(report)))) this.#reported[stream] = version;
    }
  }

  /**
   * Reports again after a change, and every 10 s while something is missing or is being resent, because a report may be lost in
   * transit, or while an acknowledgement is in doubt: the cloud acknowledges an earlier run once for each report.
   */
  async tick(resent: number): Promise<void> {
    const { journal, clock } = this.#options;
    const since = clock.machine.elapsed() - this.#at;
    const changed = streams.some((stream) => journal.reportVersion(stream) !== this.#reported[stream]);
    const open =
      resent !== this.#resent ||
      streams.some((stream) => journal.isInDoubt(stream) || journal.report(stream).missing.length > 0);
    if (since < (changed ? CHANGED_MS : AGAIN_MS) || !(changed || open)) return;
    this.#resent = resent;
    await this.report();
  }
}
