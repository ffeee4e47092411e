import { tells } from '../../shared/sentences/told-forms.ts';
import type { Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import { ShownAlarm, type ShownAlarmParts } from './shown-alarm.ts';

const EVERY_MS = 5000;

/** Where stops that have gone out wait until they are written. */
interface Waiting {
  readonly waiting: number;
  settle(): Promise<void>;
}

export interface AuditWatchParts extends ShownAlarmParts {
  /** Audit list, desk and outbox: each has its own medium. */
  readonly places: readonly Waiting[];
}

/** Stops that went out while nothing could be written stand in memory alone: they are an alarm until each stands where it belongs. */
export function watchAudit({ places, ...parts }: AuditWatchParts): Timer {
  const alarm = new ShownAlarm(parts, 'LS-AUDIT-002');
  return every(parts.clock.machine, EVERY_MS, async () => {
    for (const place of places) if (place.waiting > 0) await place.settle().catch(() => undefined);
    // The same stop may wait in each of them.
    const count = Math.max(...places.map(({ waiting }) => waiting));
    if (count > 0) alarm.begin(waitingText(count));
    else alarm.end(tells('LS-AUDIT-002', 'every stop is written down; the audit list marks those of then as late'));
  });
}

const waitingText = (count: number): string =>
  tells('LS-AUDIT-002', 'stops that have gone out and stand in memory alone: {count}; they cannot be written down', {
    count,
  });
