import type { MessageForm } from '../../shared/sentences/message-forms.ts';

/** Remedies by failure of a connection: TLS, TCP, broker. */
const remedies: readonly (readonly [RegExp, MessageForm<'uplink.down'>])[] = [
  // Decided at CONNECT, where the broker cannot give a reason.
  [
    /not authorized \(the certificate in /i,
    'its certificate is probably revoked, expired or of another authority: an admin of the cloud lets it renew, or it is enrolled anew with a new token',
  ],
  [
    /not yet valid|has expired|CERT_NOT_YET_VALID|CERT_HAS_EXPIRED/i,
    "the broker's certificate and this clock disagree: look at the clock first",
  ],
  [
    /certificate|self.signed|issuer|SSL|TLS|alert|EPROTO/i,
    'TLS: the broker must show a certificate that is trusted here',
  ],
  [
    /bad user|not authorized|identifier rejected/i,
    'the broker refuses this gateway: its password is in uplink.userFile, its name is gateway.id',
  ],
  [/password file/i, 'uplink.userFile must be readable for the user of the service'],
  [/ENOTFOUND|EAI_AGAIN/, 'the name in uplink.url is not known here'],
  [/ECONNREFUSED/, 'nothing listens there: look at host and port of uplink.url'],
  [
    /ENETUNREACH|EHOSTUNREACH|no answer|timed? ?out|connack/i,
    'no way there: look at network, firewall and uplink.proxy',
  ],
  [/has not said that it is online/, 'the cloud is not at this broker, or uplink.hostId is not its name'],
  [/^closed$/, 'the broker ended the connection: gateway.id and gateway.group must be those that it knows'],
];

/** A reason with a code already names its remedy. */
const CODE = /^LS-[A-Z]+-\d+(?=: )/;

export const codeOf = (reason: string): string | undefined => CODE.exec(reason)?.[0];

/** The reason with its remedy. */
export function troubleWords(reason: string): string {
  const found = CODE.test(reason) ? undefined : remedies.find(([pattern]) => pattern.test(reason));
  return found === undefined ? reason : `${reason}; ${found[1]}`;
}
