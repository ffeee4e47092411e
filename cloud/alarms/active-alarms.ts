import type { LoadstoneEvent } from '../../shared/contracts/event.ts';

/** Which alarms stand, by source: an alarm is raised by `active: true` and cleared by `active: false` of the same code and device. */
export class ActiveAlarms {
  readonly #bySource = new Map<string, Map<string, LoadstoneEvent>>();

  /** True when the event changed what stands. */
  take(source: string, event: LoadstoneEvent): boolean {
    if (event.kind !== 'alarm' || event.active === undefined) return false;
    const alarms = this.#bySource.get(source) ?? new Map<string, LoadstoneEvent>();
    this.#bySource.set(source, alarms);
    const key = `${event.code} ${event.device ?? ''} ${event.subject ?? ''}`;
    if (!event.active) return alarms.delete(key);
    const raised = !alarms.has(key);
    alarms.set(key, event);
    return raised;
  }

  stands(source: string, code: string, device?: string, subject?: string): boolean {
    return this.#bySource.get(source)?.has(`${code} ${device ?? ''} ${subject ?? ''}`) === true;
  }

  count(source: string): number {
    return this.#bySource.get(source)?.size ?? 0;
  }

  of(source: string): readonly LoadstoneEvent[] {
    return [...(this.#bySource.get(source)?.values() ?? [])];
  }
}
