import type { TLSSocket } from 'node:tls';

/** What a certificate says of whoever showed it: which gateway it is and until when, ms UTC, or why it does not count. */
export type CertificateVerdict = { readonly gateway: string; readonly until: number } | { readonly why: string };

/** Who issued certificates, as the broker asks it. */
export interface Certificates {
  /** Undefined: the other side showed none. */
  judge(socket: TLSSocket): CertificateVerdict | undefined;
  /** Whether a gateway may not come in by a password either. */
  isRevoked(gateway: string): boolean;
}
