import { formatMessage } from '../../shared/sentences/message-forms.ts';
import type { Channel, Send } from './channel.ts';
import type { MailConfig } from './mail-config.ts';
import { mailText, testMailText } from './mail-text.ts';

/** Channel name of mail. */
export const MAIL = 'mail';

/** Alarms by mail; `send` talks to the mail server. Recipients with the same language share one mail. */
export function mailChannel(config: MailConfig, send: Send): Channel {
  const { priority, to, escalateTo, escalateAfterMin, quietHours, language } = config;
  const languages = languagesOf(config);
  return {
    name: MAIL,
    priority,
    to,
    escalateTo,
    escalateAfterMin,
    quietHours,
    groups: (addresses) =>
      [...Map.groupBy(addresses, (each) => languages[each] ?? language)].map(([spoken, own]) => ({
        language: spoken,
        to: own,
      })),
    write: mailText,
    writeTest: testMailText,
    send,
    fault: 'LS-NOTIFY-001',
    says: (what, error) => {
      if (what === 'leaves') return { code: 'mail.leaves', text: formatMessage('mail.leaves', 'Mail is sent again.') };
      if (what === 'fault')
        return {
          code: 'LS-NOTIFY-001',
          text: formatMessage('LS-NOTIFY-001', 'Mail cannot be sent: {error}', { error }),
        };
      const text = formatMessage('mail.given-up', 'A mail is given up after a day: {error}', { error });
      return { code: 'mail.given-up', text };
    },
  };
}

/** Language of each recipient, by address. */
export const languagesOf = ({ to, escalateTo, language, languages }: MailConfig) =>
  Object.fromEntries(
    [...to, ...escalateTo].map((each) => [each, Object.hasOwn(languages, each) ? languages[each]! : language]),
  );
