import { Type, type Static } from 'typebox';
import type { RefuseConfig } from '../../shared/config/read-config.ts';
import { checkMail, MailConfig, mailSecrets } from './mail-config.ts';
import { checkWebhooks, WebhookConfig, webhookSecrets } from './webhook-config.ts';

/** Configuration of notifications. */
export const NotifyConfig = Type.Object(
  {
    mail: Type.Optional(MailConfig),
    webhooks: Type.Array(WebhookConfig, {
      maxItems: 20,
      default: [],
      description: 'webhooks for alarms, signed as in Standard Webhooks',
    }),
  },
  {
    default: {},
    description: 'notifications about alarms by mail and webhook; planners create their own webhooks over the API',
  },
);
export type NotifyConfig = Static<typeof NotifyConfig>;

/** Checks beyond the schema. */
export function checkNotify({ mail, webhooks }: NotifyConfig, refuse: RefuseConfig): void {
  checkMail(mail, refuse);
  checkWebhooks(webhooks, refuse);
}

/** Throws LS-CONFIG-002 or LS-CONFIG-003 if a file named in the configuration is missing or invalid. */
export function checkNotifyFiles({ mail, webhooks }: NotifyConfig): void {
  if (mail !== undefined) mailSecrets(mail);
  for (const each of webhooks) webhookSecrets(each);
}
