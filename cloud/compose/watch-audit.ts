import type { Logger } from 'pino';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import { tells } from '../../shared/sentences/told-forms.ts';
import type { Clock, Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { EventLog } from '../audit/event-log.ts';

const EVERY_MS = 5000;

export interface AuditWatchParts {
  readonly audit: Pick<AuditLog, 'settle' | 'waiting'>;
  readonly clock: Clock;
  readonly events: Pick<EventLog, 'append'>;
  /** Shows an alarm of the cloud's own at once: where the audit list takes nothing the log takes nothing either. */
  readonly show: (alarm: LoadstoneEvent) => void;
  readonly logger: Pick<Logger, 'info' | 'error'>;
}

/** Stops that went out while the audit list took nothing stand in memory alone: they are an alarm until they are written. */
export function watchAudit({ audit, clock, events, show, logger }: AuditWatchParts): Timer {
  let told: LoadstoneEvent | undefined;
  return every(clock.machine, EVERY_MS, async () => {
    const { waiting } = audit;
    if (waiting > 0) await audit.settle().catch(() => undefined);
    const now = clock.plant.now();
    if (audit.waiting > 0 && told === undefined) {
      told = alarm(now, waitingText(audit.waiting), true);
      logger.error({ code: 'LS-STORE-001' }, told.text);
      show(told);
    }
    if (audit.waiting > 0 || told === undefined) return;
    const over = alarm(
      now,
      tells('LS-STORE-001', 'every stop stands in the audit list, those of then marked as late'),
      false,
    );
    logger.info(over.text);
    events.append('cloud', [{ event: told }, { event: over }], now);
    told = undefined;
  });
}

const waitingText = (count: number): string =>
  tells('LS-STORE-001', '{count} stops have gone out and stand in memory alone: the audit list takes nothing', {
    count,
  });

const alarm = (time: number, text: string, active: boolean): LoadstoneEvent => ({
  time,
  kind: 'alarm',
  severity: 'high',
  code: 'LS-STORE-001',
  text,
  subject: 'audit',
  active,
});
