import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext, type ConnectionOptions } from 'node:tls';
import { writePrivate } from '../../shared/files/private-files.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';
import { bad, good, type Outcome } from '../../shared/outcome/outcome.ts';
import type { EnrolmentAnswer } from '../../shared/pki/enrolment.ts';
import { pemBlocks } from '../../shared/pki/pem.ts';
import { renewFrom } from '../../shared/pki/serial.ts';

/** Files of a gateway's identity, each replaced atomically. */
export const identityFiles = (folder: string) => ({
  /** Root certificates by which it recognizes the cloud. */
  roots: join(folder, 'roots.pem'),
  /** Its key and its certificate chain in one file, so that they always match. */
  gateway: join(folder, 'gateway.pem'),
  /** Keys that may sign documents. */
  keys: join(folder, 'trusted-keys.json'),
});

/** The key of a request that waits for its answer. */
export const pendingKeyFile = (folder: string): string => join(folder, 'pending-key.pem');

export interface Identity {
  readonly pem: string;
  readonly roots: string;
}

/** Reads the identity; LS-PKI-006 if it is missing or damaged. */
export function readIdentity(folder: string): Outcome<Identity> {
  const files = identityFiles(folder);
  try {
    const [pem, roots] = [readFileSync(files.gateway, 'utf8'), readFileSync(files.roots, 'utf8')];
    const damaged = damageOf(files, { pem, roots });
    return damaged === undefined ? good({ pem, roots }) : bad('LS-PKI-006', damaged);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'the gateway is not enrolled yet' : String(error);
    return bad('LS-PKI-006', `${folder}: ${why}; "loadstone edge enrol" fills it`);
  }
}

/** TLS throws at unreadable files, so they are checked before. */
function damageOf(files: ReturnType<typeof identityFiles>, { pem, roots }: Identity): string | undefined {
  const words = (file: string, why: string): string =>
    `${file} is damaged (${why}): replace it with an intact one, or enrol the gateway again with a new token`;
  const [own, above] = [pemBlocks(pem, 'CERTIFICATE'), pemBlocks(roots, 'CERTIFICATE')];
  if (own.length === 0 || pemBlocks(pem, 'PRIVATE KEY').length !== 1)
    return words(files.gateway, 'it must contain one key and its certificate');
  if (above.length === 0) return words(files.roots, 'it contains no certificate');
  let file = files.gateway;
  try {
    createSecureContext({ key: pem, cert: pem });
    file = files.roots;
    for (const root of above) void new X509Certificate(root);
    return undefined;
  } catch (error) {
    return words(file, messageOf(error));
  }
}

/** TLS options: the cloud must match a root, and the gateway presents its own certificate. */
export const tlsOf = ({ pem, roots }: Identity): ConnectionOptions => ({
  ca: roots,
  key: pem,
  cert: pem,
  minVersion: 'TLSv1.3',
});

/** When the certificate expires, ms UTC. */
export const endOf = ({ pem }: Identity): number =>
  new X509Certificate(pemBlocks(pem, 'CERTIFICATE')[0]!).validToDate.getTime();

/** Time from which the certificate is to be renewed, ms UTC. */
export function renewalOf({ pem }: Identity): number {
  const { serialNumber, validFromDate, validToDate } = new X509Certificate(pemBlocks(pem, 'CERTIFICATE')[0]!);
  return renewFrom({ serialNumber, validFromMs: validFromDate.getTime(), validToMs: validToDate.getTime() });
}

/**
 * Stores a certificate and the roots. Document keys are stored with the first certificate only; later ones come in key lists.
 * LS-PKI-005 if the certificate is for another gateway or key; the stored one then stays.
 */
export function putIdentity(folder: string, key: string, answer: EnrolmentAnswer, isFirst: boolean): Outcome<null> {
  const { gateway, certificate } = answer;
  if (!belongs(certificate, key, gateway))
    return bad('LS-PKI-005', `the answer contains no certificate of ${gateway} for the newest key made here`);
  const files = identityFiles(folder);
  writePrivate(files.roots, answer.roots);
  if (isFirst) writePrivate(files.keys, `${JSON.stringify(answer.documentKeys)}\n`);
  writePrivate(files.gateway, key + certificate);
  return good(null);
}

function belongs(pem: string, key: string, gateway: string): boolean {
  try {
    const certificate = new X509Certificate(pem);
    return certificate.subject === `CN=${gateway}` && certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}
