import { pemOf } from './pem.ts';
import { Pkcs10CertificateRequestGenerator, SubjectAlternativeNameExtension } from './x509.ts';

export const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

export interface KeyAndRequest {
  /** PKCS #8, PEM. It never leaves the machine that generated it. */
  readonly key: string;
  /** PKCS #10, PEM. */
  readonly request: string;
}

/** Generates a key for a gateway and the request for its certificate. */
export async function makeRequest(gateway: string): Promise<KeyAndRequest> {
  const keys = await crypto.subtle.generateKey(P256, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: `CN=${gateway}`,
    keys,
    signingAlgorithm: P256,
    extensions: [new SubjectAlternativeNameExtension([{ type: 'dns', value: gateway }])],
  });
  const key = pemOf('PRIVATE KEY', await crypto.subtle.exportKey('pkcs8', keys.privateKey));
  return { key, request: request.toString('pem') };
}
