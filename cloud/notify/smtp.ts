import { createTransport } from 'nodemailer';
import { isHome } from '../../shared/config/is-home.ts';
import type { Send } from './channel.ts';
import { mailSecrets, type MailConfig } from './mail-config.ts';

const PATIENCE_MS = 10_000;

/** Sends by SMTP. Certificates are verified; without TLS it talks only to this machine. Throws LS-CONFIG-003 for its files. */
export function smtpSender(config: MailConfig): Send {
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
