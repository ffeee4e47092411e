import { conditionKey } from './condition-key.ts';

/** A gateway's report of a condition, and its position in the journal. */
export interface ConditionReport {
  readonly source: string;
  readonly code: string;
  readonly device: string | null;
  readonly subject: string | null;
  /** ms UTC, by the gateway's clock. */
  readonly time: number;
  readonly identity?: { readonly run: number; readonly offset: number };
}

interface Place {
  readonly run: number;
  readonly offset: number;
  readonly time: number;
}

/** Conditions remembered per gateway; beyond it, the least recently reported are evicted. */
const MOST_KNOWN = 1000;

/**
 * Position of each gateway's last report of each condition. After an outage current reports arrive first, and then the backlog, which is
 * history by then. Journal order decides, because a gateway's clock may have been set back.
 */
export class LastReports {
  readonly #sources = new Map<string, Map<string, Place>>();

  /** Records a report; returns whether it is newer than all others of its condition. A report without a position always is. */
  take(report: ConditionReport): boolean {
    if (report.identity === undefined) return true;
    if (this.hasSince(report, report)) return false;
    const places = this.#sources.get(report.source) ?? new Map<string, Place>();
    this.#sources.set(report.source, places);
    const key = conditionKey(report);
    places.delete(key);
    places.set(key, { ...report.identity, time: report.time });
    if (places.size > MOST_KNOWN) places.delete(places.keys().next().value!);
    return true;
  }

  /** Whether the condition was reported after this position of its gateway's journal. */
  hasSince(
    condition: Omit<ConditionReport, 'time' | 'identity'>,
    { time, identity }: Pick<ConditionReport, 'time' | 'identity'>,
  ): boolean {
    const last = this.#sources.get(condition.source)?.get(conditionKey(condition));
    if (last === undefined || identity === undefined) return false;
    // A recreated journal restarts its offsets: across runs, the times must agree.
    return identity.offset < last.offset && (identity.run === last.run || time < last.time);
  }
}
