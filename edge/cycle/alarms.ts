import { EVENT_TEXT, fitText } from '../../shared/contracts/fit-text.ts';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import type { ErrorCode } from '../../shared/outcome/catalogue.ts';

export interface Condition {
  /** What makes it this alarm and no other: code and device or element. */
  readonly key: string;
  readonly code: ErrorCode;
  readonly severity: LoadstoneEvent['severity'];
  readonly text: string;
  readonly device?: string;
  /** It must hold for so long before it is an alarm, ms in which the gateway runs (ISA-18.2 on-delay); absent: at once. */
  readonly onDelayMs?: number;
}

interface Standing {
  /** As it was told, or as it holds until then. */
  condition: Condition;
  /** Running time since which it holds, ms, and whether it has been told. */
  readonly since: number;
  told: boolean;
  /** Running time at which it was last true, ms. */
  seen: number;
}

/** A condition must be gone for so long before its alarm returns to normal, ms in which the gateway runs. */
const OFF_DELAY_MS = 10_000;

/** Turns conditions that hold in a cycle into alarms at their edges: one when it comes, one when it has gone. */
export class AlarmBook {
  readonly #standing = new Map<string, Standing>();

  /**
   * All conditions of this cycle; answers with what is to be told, at plant time `time`, ms UTC. Delays are counted in the time that
   * the gateway has run: neither a clock that is set nor a cycle that comes late brings an alarm early.
   */
  update(conditions: readonly Condition[], time: number, runMs: number): LoadstoneEvent[] {
    const events: LoadstoneEvent[] = [];
    for (const condition of conditions) {
      const standing = this.#standing.get(condition.key);
      const next: Standing = standing ?? { condition, since: runMs, told: false, seen: runMs };
      next.seen = runMs;
      if (standing === undefined) this.#standing.set(condition.key, next);
      if (next.told || runMs - next.since < (condition.onDelayMs ?? 0)) continue;
      next.told = true;
      next.condition = condition;
      events.push(alarm(condition, time, true));
    }
    for (const [key, { condition, seen, told }] of this.#standing) {
      if (runMs - seen < OFF_DELAY_MS) continue;
      this.#standing.delete(key);
      if (told) events.push(alarm(condition, time, false));
    }
    return events;
  }

  standing(): readonly Condition[] {
    return [...this.#standing.values()].filter(({ told }) => told).map(({ condition }) => condition);
  }
}

const alarm = ({ code, severity, text, device, key }: Condition, time: number, active: boolean): LoadstoneEvent => ({
  time,
  kind: 'alarm',
  severity,
  code,
  text: fitText(active ? text : `gone: ${text}`, EVENT_TEXT),
  subject: key.slice(0, 128),
  active,
  ...(device === undefined ? {} : { device }),
});
