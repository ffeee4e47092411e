import { EVENT_TEXT, fitText } from '../../shared/contracts/fit-text.ts';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import type { ErrorCode } from '../../shared/outcome/catalogue.ts';

export interface Condition {
  /** Identity of the alarm: its code and its device or element. */
  readonly key: string;
  readonly code: ErrorCode | 'limit.lost';
  readonly severity: LoadstoneEvent['severity'];
  readonly text: string;
  readonly device?: string;
  readonly parameters?: LoadstoneEvent['parameters'];
  /** How long the condition must hold before it becomes an alarm, ms of gateway running time (ISA-18.2 on-delay). Absent: at once. */
  readonly onDelayMs?: number;
  /** The value in the text and its limit. The alarm is reported again when either has moved by `step`. */
  readonly live?: { readonly value: number; readonly bound?: number; readonly step: number };
}

interface Standing {
  /** As last reported, or as first seen until then. */
  condition: Condition;
  /** Running time at which it began to hold, ms. */
  readonly since: number;
  /** Running time of its last report, ms; undefined before the first. */
  reportedMs: number | undefined;
  /** Running time at which it last held, ms. */
  seen: number;
}

/** A condition must be gone for this long before its alarm returns to normal, ms of gateway running time. */
const OFF_DELAY_MS = 10_000;
/** A changed text is reported again after this long at the earliest, ms of gateway running time. */
const AGAIN_MS = 10_000;

/** Turns the conditions of each cycle into alarm edges: one event when a condition is raised, one when it clears. */
export class AlarmBook {
  readonly #standing = new Map<string, Standing>();

  /**
   * Takes all conditions of this cycle and returns the events to report, stamped with plant time `time`, ms UTC. Delays count the
   * gateway's running time `runMs`, so neither a clock that is set nor a late cycle raises an alarm early.
   */
  update(conditions: readonly Condition[], time: number, runMs: number): LoadstoneEvent[] {
    const events: LoadstoneEvent[] = [];
    for (const condition of conditions) {
      const standing = this.#standing.get(condition.key);
      const next: Standing = standing ?? { condition, since: runMs, reportedMs: undefined, seen: runMs };
      next.seen = runMs;
      if (standing === undefined) this.#standing.set(condition.key, next);
      const isDue =
        next.reportedMs === undefined
          ? runMs - next.since >= (condition.onDelayMs ?? 0)
          : runMs - next.reportedMs >= AGAIN_MS && hasMoved(next.condition, condition);
      if (!isDue) continue;
      next.reportedMs = runMs;
      next.condition = condition;
      events.push(alarm(condition, time, true));
    }
    for (const [key, { condition, seen, reportedMs }] of this.#standing) {
      if (runMs - seen < OFF_DELAY_MS) continue;
      this.#standing.delete(key);
      if (reportedMs !== undefined) events.push(alarm(condition, time, false));
    }
    return events;
  }

  standing(): readonly Condition[] {
    return [...this.#standing.values()]
      .filter(({ reportedMs }) => reportedMs !== undefined)
      .map(({ condition }) => condition);
  }
}

const hasMoved = ({ live: raised }: Condition, { live }: Condition): boolean =>
  raised !== undefined &&
  live !== undefined &&
  Math.max(Math.abs(live.value - raised.value), Math.abs((live.bound ?? 0) - (raised.bound ?? 0))) >= live.step;

const alarm = (
  { code, severity, text, device, key, parameters }: Condition,
  time: number,
  active: boolean,
): LoadstoneEvent => ({
  time,
  kind: 'alarm',
  severity,
  code,
  text: fitText(active ? text : `gone: ${text}`, EVENT_TEXT),
  subject: key.slice(0, 128),
  active,
  ...(parameters === undefined ? {} : { parameters }),
  ...(device === undefined ? {} : { device }),
});
