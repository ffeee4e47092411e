import type { TLSSocket } from 'node:tls';

/** The result of judging a client certificate: the gateway that it names and its expiry, ms UTC, or why it is refused. */
export type CertificateVerdict = { readonly gateway: string; readonly until: number } | { readonly why: string };

/** The issuer of certificates, as the broker uses it. */
export interface Certificates {
  /** Undefined: the client showed no certificate. */
  judge(socket: TLSSocket): CertificateVerdict | undefined;
  /** True if the gateway may not use a password either. */
  isRevoked(gateway: string): boolean;
}
