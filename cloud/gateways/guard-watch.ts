import type { HealthReport } from '../../shared/contracts/report.ts';

/** An intervention this long after the last one is another one, ms of plant time. */
const APART_MS = 60_000;

/** Tells from a gateway's reports when its guard begins to act, also where it still holds something from earlier. */
export class GuardWatch {
  readonly #seen = new Map<string, { readonly active: boolean; readonly actedAt: number }>();

  /** True where the guard has met something new since the report before. */
  reported(gateway: string, { active, since }: HealthReport['guard']): boolean {
    const before = this.#seen.get(gateway);
    this.#seen.set(gateway, { active, actedAt: since ?? before?.actedAt ?? -Infinity });
    if (active && before?.active !== true) return true;
    return before !== undefined && since !== null && since > before.actedAt + APART_MS;
  }
}
