import { formatMessage } from '../../shared/sentences/message-forms.ts';
import type { Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import { TimeBudget } from '../../shared/time/time-budget.ts';
import { ShownAlarm, type ShownAlarmParts } from './shown-alarm.ts';

const EVERY_MS = 5000;
/** A medium that has not answered by then counts as failed. */
const SETTLE_MS = 2000;

/** A place where stops that were sent wait to be written. */
interface Waiting {
  readonly waiting: number;
  settle(): Promise<void>;
}

export interface AuditWatchParts extends ShownAlarmParts {
  /** Audit list, desk and outbox, each on its own medium. */
  readonly places: readonly Waiting[];
}

/** Alarm for stops that were sent while nothing could be written, and so exist only in memory; it stands until all are written. */
export function watchAudit({ places, ...parts }: AuditWatchParts): Timer {
  const alarm = new ShownAlarm(parts, 'LS-AUDIT-002');
  /** Places that have not answered yet and are not tried again meanwhile. */
  const asked = new Set<Waiting>();
  const settled = async (place: Waiting, budget: TimeBudget): Promise<void> => {
    if (place.waiting === 0 || asked.has(place)) return;
    asked.add(place);
    const settling = place.settle().finally(() => asked.delete(place));
    await budget.wait(() => settling).catch(() => undefined);
  };
  return every(parts.clock.machine, EVERY_MS, async () => {
    const budget = new TimeBudget(parts.clock.machine, SETTLE_MS);
    await Promise.all(places.map((place) => settled(place, budget)));
    // The same stop may wait in each of them.
    const count = Math.max(...places.map(({ waiting }) => waiting));
    if (count > 0) alarm.begin(waitingText(count));
    else
      alarm.end(formatMessage('LS-AUDIT-002', 'every stop is stored; the audit list marks the delayed ones as late'));
  });
}

const waitingText = (count: number): string =>
  formatMessage('LS-AUDIT-002', 'stops that were sent and are only in memory: {count}; they cannot be stored', {
    count,
  });
