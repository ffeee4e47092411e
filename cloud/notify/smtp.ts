import { createTransport } from 'nodemailer';
import { isHome } from '../../shared/config/is-home.ts';
import { mailSecrets, type MailConfig } from './mail-config.ts';
import type { NewMail } from './mail-store.ts';

/** What the mail server has said. */
export interface Sent {
  readonly accepted: readonly string[];
  readonly rejected: readonly string[];
  readonly response: string;
}

/** Sends one mail. Rejects where the mail server takes it for nobody. `id`: the same one for each attempt. */
export type SendMail = (mail: NewMail, id: string) => Promise<Sent>;

const PATIENCE_MS = 10_000;

/** Sends by SMTP. The certificate is verified; without TLS nothing goes beyond this machine. Throws LS-CONFIG-003 for its files. */
export function smtpSender(config: MailConfig): SendMail {
  const { host, port, security, user, from } = config;
  const { password, ca } = mailSecrets(config);
  const transport = createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none' && isHome(host),
    ...(user === '' ? {} : { auth: { user, pass: password ?? '' } }),
    tls: { rejectUnauthorized: true, minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) },
    connectionTimeout: PATIENCE_MS,
    greetingTimeout: PATIENCE_MS,
    socketTimeout: PATIENCE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return async ({ to, subject, text, priority }, id) => {
    const { accepted, rejected, response } = await transport.sendMail({
      from,
      to: [...to],
      subject,
      text,
      messageId: `<${id}@${from.slice(from.indexOf('@') + 1)}>`,
      priority: priority === 1 ? 'high' : 'normal',
      headers: { 'auto-submitted': 'auto-generated' },
    });
    return { accepted: accepted.map(String), rejected: rejected.map(String), response };
  };
}
