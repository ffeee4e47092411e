import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import type { ErrorCode } from '../../shared/outcome/catalogue.ts';

export interface Condition {
  /** What makes it this alarm and no other: code and device or element. */
  readonly key: string;
  readonly code: ErrorCode;
  readonly severity: LoadstoneEvent['severity'];
  readonly text: string;
  readonly device?: string;
}

interface Standing {
  readonly condition: Condition;
  /** Plant time at which it was last true, ms. */
  seen: number;
}

/** A condition must be gone for so long before its alarm returns to normal, ms of plant time. */
const OFF_DELAY_MS = 10_000;

/** Turns conditions that hold in a cycle into alarms at their edges: one when it comes, one when it has gone. */
export class AlarmBook {
  readonly #standing = new Map<string, Standing>();

  /** All conditions of this cycle; answers with what is to be told. */
  update(conditions: readonly Condition[], time: number): LoadstoneEvent[] {
    const events: LoadstoneEvent[] = [];
    for (const condition of conditions) {
      const standing = this.#standing.get(condition.key);
      if (standing === undefined) {
        this.#standing.set(condition.key, { condition, seen: time });
        events.push(alarm(condition, time, true));
      } else standing.seen = time;
    }
    for (const [key, { condition, seen }] of this.#standing) {
      if (time - seen < OFF_DELAY_MS) continue;
      this.#standing.delete(key);
      events.push(alarm(condition, time, false));
    }
    return events;
  }

  standing(): readonly Condition[] {
    return [...this.#standing.values()].map(({ condition }) => condition);
  }
}

const alarm = ({ code, severity, text, device, key }: Condition, time: number, active: boolean): LoadstoneEvent => ({
  time,
  kind: 'alarm',
  severity,
  code,
  text: (active ? text : `gone: ${text}`).slice(0, 500),
  subject: key.slice(0, 128),
  active,
  ...(device === undefined ? {} : { device }),
});
