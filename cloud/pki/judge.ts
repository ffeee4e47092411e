import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { pemBlocks } from '../../shared/pki/pem.ts';
import { issuedAt } from '../../shared/pki/serial.ts';
import type { Standings } from './standing.ts';

export interface JudgeOptions {
  readonly standings: Standings;
  /** Machine time, ms UTC. */
  readonly now: () => number;
}

export type Verdict = { readonly gateway: string; readonly until: number } | { readonly why: string };

/** Judges certificates by their chain (checked by OpenSSL), their name, their dates and the gateway's standing. */
export class Judge {
  readonly #now: () => number;
  #standings: Standings;

  constructor({ standings, now }: JudgeOptions) {
    this.#standings = standings;
    this.#now = now;
  }

  /** Replaces the standings; returns the gateways whose revocation has changed. */
  replace(standings: Standings): string[] {
    const before = this.#standings;
    this.#standings = standings;
    return Object.keys(standings).filter((id) => standings[id]?.revokedAt !== before[id]?.revokedAt);
  }

  isRevoked(gateway: string): boolean {
    return this.#standings[gateway]?.revokedAt !== undefined;
  }

  /** Undefined: the peer showed no certificate. */
  judge(socket: TLSSocket): Verdict | undefined {
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined) return undefined;
    const named = this.#named(certificate);
    if ('why' in named) return named;
    if (!socket.authorized) {
      const isLate = named.until <= this.#now();
      return {
        why: isLate ? 'shows a certificate that has expired' : 'shows a certificate that is not of this authority',
      };
    }
    // A resumed session shows the certificate checked at its first handshake.
    if (named.until <= this.#now()) return { why: 'shows a certificate that has expired' };
    if (socket.getProtocol() !== 'TLSv1.3') return { why: 'shows a certificate over a version older than TLS 1.3' };
    return named;
  }

  /**
   * Like `judge`, for a certificate to be renewed, which may have expired: checks its chain here, against the certificates of all issuers
   * so far.
   */
  judgeLate(certificate: X509Certificate, issuers: string): Verdict {
    const named = this.#named(certificate);
    if ('why' in named) return named;
    const isOurs = pemBlocks(issuers, 'CERTIFICATE').some((pem) => {
      const issuer = new X509Certificate(pem);
      return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
    });
    if (!isOurs) return { why: 'shows a certificate that is not of this authority' };
    if (certificate.keyUsage?.includes(CLIENT_AUTH) !== true)
      return { why: 'shows a certificate that is not for gateways' };
    const until = this.#standings[named.gateway]?.mayRenewUntil ?? 0;
    if (named.until <= this.#now() && until <= this.#now())
      return { why: `shows a certificate that has expired; "loadstone pki renew ${named.gateway}" lets it renew` };
    return named;
  }

  #named(certificate: X509Certificate): Verdict {
    const { CN: name } = certificate.toLegacyObject().subject as unknown as Record<string, unknown>;
    if (typeof name !== 'string' || certificate.subjectAltName !== `DNS:${name}`)
      return { why: 'shows a certificate whose names are not one gateway' };
    const until = certificate.validToDate.getTime();
    const dates = {
      serialNumber: certificate.serialNumber,
      validFromMs: certificate.validFromDate.getTime(),
      validToMs: until,
    };
    const revokedAt = this.#standings[name]?.revokedAt;
    if (revokedAt !== undefined && issuedAt(dates) <= revokedAt) return { why: 'shows a certificate that is revoked' };
    return { gateway: name, until };
  }
}

/** Node's `keyUsage` holds the extended key usages, as OIDs. */
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
