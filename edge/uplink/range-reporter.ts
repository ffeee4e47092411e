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

/** Tells the cloud which runs there are and what is missing, until it has taken note. */
export class RangeReporter {
  readonly #options: RangeReporterOptions;
  #reported: Record<Stream, number> = { measurements: -1, events: -1 };
  #resent = 0;
  #at = 0;

  constructor(options: RangeReporterOptions) {
    this.#options = options;
  }

  /** At each birth, and whenever something changed. */
  async report(): Promise<void> {
    const { journal, clock, publish } = this.#options;
    this.#at = clock.machine.elapsed();
    for (const stream of streams) {
      const version = journal.reportVersion(stream);
      const report = journal.report(stream);
      if (report.runs.length > 0 && (await publish(JSON.stringify(report)))) this.#reported[stream] = version;
    }
  }

  /** Again where it changed, and each 10 s while something is missing or has to be sent again: a report may be lost on its way. */
  async tick(resent: number): Promise<void> {
    const { journal, clock } = this.#options;
    const since = clock.machine.elapsed() - this.#at;
    const changed = streams.some((stream) => journal.reportVersion(stream) !== this.#reported[stream]);
    const open = resent !== this.#resent || streams.some((stream) => journal.report(stream).missing.length > 0);
    if (since < (changed ? CHANGED_MS : AGAIN_MS) || !(changed || open)) return;
    this.#resent = resent;
    await this.report();
  }
}
