import type { Region } from '../../shared/contracts/region.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { EventLog } from '../audit/event-log.ts';
import type { CloudConfig } from '../config.ts';
import { MailDesk } from '../notify/mail-desk.ts';
import type { MailStore } from '../notify/mail-store.ts';
import type { OwnerRole } from './owner-role.ts';

export interface MailWiring {
  readonly config: Pick<CloudConfig, 'notify' | 'api'>;
  readonly region: Region;
  readonly clock: Clock;
  readonly store: MailStore;
  readonly role: Pick<OwnerRole, 'alarms'>;
  readonly events: EventLog;
}

/** Alarms by mail, where a mail server is configured; the client is loaded only there. */
export async function composeMail(wiring: MailWiring): Promise<MailDesk | undefined> {
  const { config, region, clock, store, role, events } = wiring;
  const { mail } = config.notify;
  if (mail === undefined) return undefined;
  const { smtpSender } = await import('../notify/smtp.ts');
  return new MailDesk({
    config: mail,
    region,
    clock,
    store,
    send: smtpSender(mail),
    alarms: () => role.alarms.list(['unacknowledged']),
    isFlood: () => role.alarms.view().rate.floodSince !== null,
    rules: role.alarms.rules(),
    origin: config.api.publicOrigin,
    report: (event) => events.append('cloud', [{ event }], clock.plant.now()),
  });
}
