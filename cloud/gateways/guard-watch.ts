import type { HealthReport } from '../../shared/contracts/report.ts';

/** An intervention this long after the last one is a new one, ms of plant time. */
const APART_MS = 60_000;

/** Detects from a gateway's reports when its guard begins to act, even if it still curtails something from earlier. */
export class GuardWatch {
  readonly #seen = new Map<string, { readonly active: boolean; readonly actedAt: number }>();

  /** Returns true if the guard has begun to act since the previous report. */
  reported(gateway: string, { active, since }: HealthReport['guard']): boolean {
    const before = this.#seen.get(gateway);
    this.#seen.set(gateway, { active, actedAt: since ?? before?.actedAt ?? -Infinity });
    if (active && before?.active !== true) return true;
    return before !== undefined && since !== null && since > before.actedAt + APART_MS;
  }
}
