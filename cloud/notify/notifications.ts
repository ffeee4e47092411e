import type { NotifyView, TestMessageView } from '../../shared/contracts/notify.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { Channel } from './channel.ts';
import { ChannelDesk, type ChannelDeskOptions } from './channel-desk.ts';
import { MAIL, languagesOf } from './mail-channel.ts';
import type { NotifyConfig } from './notify-config.ts';
import { shownUrl, webhookName } from './webhook-channel.ts';

export interface NotificationsOptions extends Omit<ChannelDeskOptions, 'channel'> {
  readonly config: NotifyConfig;
  /** The channels of `config`, once each. */
  readonly channels: readonly Channel[];
}

/** Sends alarms by mail and webhooks; the channels are independent. */
export class Notifications {
  readonly #options: NotificationsOptions;
  readonly #desks: ReadonlyMap<string, ChannelDesk>;

  constructor(options: NotificationsOptions) {
    this.#options = options;
    const { config: _config, channels, ...rest } = options;
    this.#desks = new Map(channels.map((channel) => [channel.name, new ChannelDesk({ ...rest, channel })]));
  }

  /** The store must be open. Deletes what waits for removed channels. */
  async start(): Promise<void> {
    await this.#options.store.retain([...this.#desks.keys()]);
    for (const desk of this.#desks.values()) await desk.start();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#desks.values()].map((desk) => desk.stop()));
  }

  async view(): Promise<NotifyView> {
    const { mail, webhooks } = this.#options.config;
    const desk = this.#desks.get(MAIL);
    return {
      mail:
        mail === undefined || desk === undefined
          ? null
          : {
              server: `${mail.host}:${mail.port}, ${mail.security === 'none' ? 'without TLS' : mail.security}`,
              from: mail.from,
              to: mail.to,
              escalateTo: mail.escalateTo,
              languages: languagesOf(mail),
              ...(await desk.view()),
            },
      webhooks: await Promise.all(
        webhooks.map(async ({ name, url, escalateTo, language }) => ({
          name,
          receiver: shownUrl(url),
          escalateTo: escalateTo === undefined ? null : shownUrl(escalateTo.url),
          language,
          ...(await this.#desks.get(webhookName(name))!.view()),
        })),
      ),
    };
  }

  /**
   * Sends a test mail to all recipients at once. Throws LS-NOTIFY-001 with the mail server's answer, LS-NOTIFY-002 if mail is not
   * configured.
   */
  async test(by: string): Promise<TestMessageView> {
    const desk = this.#desks.get(MAIL);
    if (desk === undefined) throw new LoadstoneError('LS-NOTIFY-002', 'notify.mail is not set');
    return desk.test(by);
  }

  /** The same for a webhook. Throws LS-NOTIFY-003 with the receiver's answer, LS-API-004 for an unknown name. */
  async testWebhook(name: string, by: string): Promise<TestMessageView> {
    const desk = this.#desks.get(webhookName(name));
    if (desk === undefined)
      throw new LoadstoneError('LS-API-004', `notify.webhooks names no "${name}"`, '/params/name');
    return desk.test(by);
  }
}
