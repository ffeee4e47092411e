import { tells } from '../../shared/sentences/told-forms.ts';
import type { Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { ShownAlarm, type ShownAlarmParts } from './shown-alarm.ts';

const EVERY_MS = 5000;

export interface AuditWatchParts extends ShownAlarmParts {
  readonly audit: Pick<AuditLog, 'settle' | 'waiting'>;
}

/** Stops that went out while the audit list took nothing stand in memory alone: they are an alarm until they are written. */
export function watchAudit({ audit, ...parts }: AuditWatchParts): Timer {
  const alarm = new ShownAlarm(parts, 'audit');
  return every(parts.clock.machine, EVERY_MS, async () => {
    if (audit.waiting > 0) await audit.settle().catch(() => undefined);
    if (audit.waiting > 0) alarm.begin(waitingText(audit.waiting));
    else alarm.end(tells('LS-STORE-001', 'every stop stands in the audit list, those of then marked as late'));
  });
}

const waitingText = (count: number): string =>
  tells('LS-STORE-001', '{count} stops have gone out and stand in memory alone: the audit list takes nothing', {
    count,
  });
