import { EVENT_TEXT, fitText } from '../../shared/contracts/fit-text.ts';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import type { ErrorCode } from '../../shared/outcome/catalogue.ts';

export interface Condition {
  /** Identity of the alarm: code and device or element. */
  readonly key: string;
  readonly code: ErrorCode | 'limit.lost';
  readonly severity: LoadstoneEvent['severity'];
  readonly text: string;
  readonly device?: string;
  readonly parameters?: LoadstoneEvent['parameters'];
  /** It must hold for so long before it is an alarm, ms in which the gateway runs (ISA-18.2 on-delay); absent: at once. */
  readonly onDelayMs?: number;
  /** The value in the text, and its limit; the text is told again when either has moved by `step`. */
  readonly live?: { readonly value: number; readonly bound?: number; readonly step: number };
}

interface Standing {
  /** As it was told, or as it holds until then. */
  condition: Condition;
  /** Running time since which it holds, ms. */
  readonly since: number;
  /** Running time at which it was told last, ms; undefined: it has not been. */
  toldMs: number | undefined;
  /** Running time at which it was last true, ms. */
  seen: number;
}

/** A condition must be gone for so long before its alarm returns to normal, ms in which the gateway runs. */
const OFF_DELAY_MS = 10_000;
/** A text is told again no sooner than after this, ms of plant time. */
const AGAIN_MS = 10_000;

/** Turns the conditions of each cycle into alarms at their edges: one event when raised, one when cleared. */
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
      const next: Standing = standing ?? { condition, since: runMs, toldMs: undefined, seen: runMs };
      next.seen = runMs;
      if (standing === undefined) this.#standing.set(condition.key, next);
      const isDue =
        next.toldMs === undefined
          ? runMs - next.since >= (condition.onDelayMs ?? 0)
          : runMs - next.toldMs >= AGAIN_MS && hasMoved(next.condition, condition);
      if (!isDue) continue;
      next.toldMs = runMs;
      next.condition = condition;
      events.push(alarm(condition, time, true));
    }
    for (const [key, { condition, seen, toldMs }] of this.#standing) {
      if (runMs - seen < OFF_DELAY_MS) continue;
      this.#standing.delete(key);
      if (toldMs !== undefined) events.push(alarm(condition, time, false));
    }
    return events;
  }

  standing(): readonly Condition[] {
    return [...this.#standing.values()].filter(({ toldMs }) => toldMs !== undefined).map(({ condition }) => condition);
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
