import type { Region } from '../../shared/contracts/region.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { EventLog } from '../audit/event-log.ts';
import type { CloudConfig } from '../config.ts';
import type { Channel } from '../notify/channel.ts';
import { mailChannel } from '../notify/mail-channel.ts';
import type { MessageStore } from '../notify/message-store.ts';
import { Notifications } from '../notify/notifications.ts';
import type { NotifyConfig } from '../notify/notify-config.ts';
import { webhookChannel } from '../notify/webhook-channel.ts';
import { post } from '../webhooks/post.ts';
import type { OwnerRole } from './owner-role.ts';

export interface NotificationsWiring {
  readonly config: Pick<CloudConfig, 'notify' | 'api'>;
  readonly region: Region;
  readonly clock: Clock;
  readonly store: MessageStore;
  readonly role: Pick<OwnerRole, 'alarms'>;
  readonly events: EventLog;
}

/** Alarms sent outside the page, through the configured channels. */
export async function composeNotifications(wiring: NotificationsWiring): Promise<Notifications> {
  const { config, region, clock, store, role, events } = wiring;
  return new Notifications({
    config: config.notify,
    channels: await channelsOf(config.notify, clock),
    region,
    clock,
    store,
    alarms: () => role.alarms.list(['unacknowledged']),
    isFlood: () => role.alarms.view().rate.floodSince !== null,
    rules: role.alarms.rules(),
    origin: config.api.publicOrigin,
    report: (event) => events.append('cloud', [{ event }], clock.plant.now()),
  });
}

/** Loads the mail client only if a mail server is configured. */
async function channelsOf({ mail, webhooks }: NotifyConfig, { machine }: Clock): Promise<Channel[]> {
  const hooks = webhooks.map((each) => webhookChannel(each, { time: machine, post }));
  if (mail === undefined) return hooks;
  const { smtpSender } = await import('../notify/smtp.ts');
  return [mailChannel(mail, smtpSender(mail)), ...hooks];
}
