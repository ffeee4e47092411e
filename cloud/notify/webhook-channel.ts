import { formatMessage } from '../../shared/sentences/message-forms.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import type { post } from '../webhooks/post.ts';
import { signedPost } from '../webhooks/signed-post.ts';
import type { Channel } from './channel.ts';
import type { Message } from './message-store.ts';
import { testWebhookText, webhookText } from './webhook-text.ts';
import { webhookSecrets, type WebhookConfig } from './webhook-config.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';

/** Recipients are keys of the configuration, so that a waiting message goes to the URL configured when it is sent. */
const FIRST = 'url';
const NEXT = 'escalateTo';

export interface WebhookParts {
  /** Machine time. */
  readonly time: TimeBase;
  readonly post: typeof post;
}

/** Channel name of a webhook. */
export const webhookName = (name: string): string => `webhook:${name}`;

/** A receiver as shown to people: the path may be secret. */
export const shownUrl = (url: string): string => new URL(url).origin;

/**
 * Alarms by webhook. The configuration names the receivers, so private addresses are allowed: https needs a certificate for the name, and
 * http stays on this machine. Redirects are not followed. Throws LS-CONFIG-002 or LS-CONFIG-003 for its files.
 */
export function webhookChannel(config: WebhookConfig, { time, post: send }: WebhookParts): Channel {
  const { name, priority, escalateTo, escalateAfterMin, quietHours, language } = config;
  const { first, next, ca } = webhookSecrets(config);
  const deliver = async ({ to, text: body }: Message, id: string): Promise<string> => {
    const isNext = to[0] === NEXT && escalateTo !== undefined && next !== undefined;
    const { url, secret } = isNext ? { url: escalateTo.url, secret: next } : { url: config.url, secret: first };
    const answer = await signedPost({ url, secret, id, body, reach: 'any', ca, time, post: send }).catch(
      (error: unknown) => {
        throw new Error(`${shownUrl(url)}: ${messageOf(error)}`, {
          cause: error,
        });
      },
    );
    if (answer < 200 || answer >= 300) throw new Error(`${shownUrl(url)} answered ${answer}`);
    return shownUrl(url);
  };
  return {
    name: webhookName(name),
    priority,
    to: [FIRST],
    escalateTo: escalateTo === undefined ? [] : [NEXT],
    escalateAfterMin,
    quietHours,
    groups: (to) => to.map((each) => ({ language, to: [each] })),
    write: webhookText,
    writeTest: testWebhookText,
    send: async (message, id) => ({ accepted: [await deliver(message, id)], rejected: [], response: 'taken' }),
    // The first receiver has been notified already, before the time for acknowledgement.
    isForNobody: ({ to }) => to[0] === NEXT && escalateTo === undefined,
    fault: 'LS-NOTIFY-003',
    says: (what, error) => {
      if (what === 'leaves')
        return {
          code: 'webhook.leaves',
          text: formatMessage('webhook.leaves', 'Webhook {name} accepts messages again.', { name }),
        };
      if (what === 'fault') {
        const text = formatMessage('LS-NOTIFY-003', 'Webhook {name} accepts no messages: {error}', { name, error });
        return { code: 'LS-NOTIFY-003', text };
      }
      const form = 'A message to webhook {name} is given up after a day: {error}';
      return { code: 'webhook.given-up', text: formatMessage('webhook.given-up', form, { name, error }) };
    },
  };
}
