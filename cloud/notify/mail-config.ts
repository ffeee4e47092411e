import { Type, type Static } from 'typebox';
import { isHome } from '../../shared/config/is-home.ts';
import type { RefuseConfig } from '../../shared/config/read-config.ts';
import { readNamed } from '../../shared/files/named-file.ts';
import { channelKeys, checkQuietHours, SpokenLanguage } from './channel-config.ts';

const Address = Type.String({ maxLength: 254, pattern: '^[^@\\s<>",;]+@[^@\\s<>",;]+$' });
/** Alarms by mail. Secrets are files. */
export const MailConfig = Type.Object(
  {
    host: Type.String({ minLength: 1, maxLength: 253, pattern: '^\\S+$', description: 'the mail server (SMTP)' }),
    port: Type.Integer({ minimum: 1, maximum: 65_535, default: 587, description: '587 for starttls, 465 for tls' }),
    security: Type.Union([Type.Literal('starttls'), Type.Literal('tls'), Type.Literal('none')], {
      default: 'starttls',
      description: 'encryption, with the certificate verified; none: only over loopback',
    }),
    caFile: Type.String({
      default: '',
      description: 'certificate of the authority of the mail server (PEM); empty: the authorities of the system',
    }),
    user: Type.String({
      maxLength: 254,
      default: '',
      description: 'user name at the mail server; empty: none is needed',
    }),
    passwordFile: Type.String({ default: '', description: 'file with the password of user' }),
    from: Address,
    to: Type.Array(Address, { minItems: 1, maxItems: 20, uniqueItems: true, description: 'first recipients' }),
    escalateTo: Type.Array(Address, {
      maxItems: 20,
      uniqueItems: true,
      default: [],
      description: 'recipients if nobody acknowledges; empty: nobody',
    }),
    ...channelKeys,
    languages: Type.Record(Type.String(), SpokenLanguage, {
      default: {},
      description: 'other languages of recipients, by address',
    }),
  },
  { additionalProperties: false },
);
export type MailConfig = Static<typeof MailConfig>;

/** Checks beyond the schema. */
export function checkMail(mail: MailConfig | undefined, refuse: RefuseConfig): void {
  if (mail === undefined) return;
  const { host, port, security, user, passwordFile, to, escalateTo, languages, quietHours, caFile } = mail;
  const no = (key: string, text: string): void => refuse(`/notify/mail/${key}`, 'LS-CONFIG-002', text);
  if (security === 'none' && !isHome(host))
    no('security', `none is only for a server on this machine, not for ${host}: give starttls or tls`);
  if (security === 'starttls' && port === 465) no('port', 'port 465 is for tls: set security to tls, or port to 587');
  if (security === 'tls' && port === 587)
    no('port', 'port 587 is for starttls: set security to starttls, or port to 465');
  if (security === 'none' && caFile !== '') no('caFile', 'has no effect without TLS: leave it out');
  if (user !== '' && passwordFile === '') no('passwordFile', `is missing: name the file with the password of ${user}`);
  if (user === '' && passwordFile !== '') no('user', 'is missing: name the user of passwordFile');
  checkQuietHours(quietHours, '/notify/mail', refuse);
  const twice = escalateTo.find((each) => to.includes(each));
  const nobody = Object.keys(languages).find((each) => !to.includes(each) && !escalateTo.includes(each));
  if (nobody !== undefined) no('languages', `${nobody} is no recipient: use an address of to or escalateTo`);
  if (twice !== undefined) no('escalateTo', `${twice} is already in to: give another address`);
}

/** Reads the files named in the configuration. Throws LS-CONFIG-003 if one is missing or empty. */
export function mailSecrets({ passwordFile, caFile }: MailConfig): {
  readonly password?: string;
  readonly ca?: string;
} {
  return {
    ...(passwordFile === '' ? {} : { password: readNamed('notify.mail.passwordFile', passwordFile) }),
    ...(caFile === '' ? {} : { ca: readNamed('notify.mail.caFile', caFile) }),
  };
}
