import { derOf } from '../../shared/pki/pem.ts';
import { P256 } from '../../shared/pki/request.ts';
import { serialNumber } from '../../shared/pki/serial.ts';
import * as x509 from '../../shared/pki/x509.ts';

const DAY_MS = 86_400_000;
/** A gateway whose clock was never set assumes 1970. */
const FIRST_MS = 0;
const ROOT_DAYS = 20 * 365;
const ISSUER_DAYS = 3 * 365;

/** A certificate authority's certificate and its private key. */
export interface Signer {
  readonly certificate: x509.X509Certificate;
  readonly key: CryptoKey;
}

export interface Leaf {
  /** CN; for a gateway also its only DNS name. */
  readonly name: string;
  readonly names: readonly { readonly type: 'dns' | 'ip'; readonly value: string }[];
  readonly purpose: 'client' | 'server';
  readonly days: number;
  /** Time of issue encoded in the serial number, ms UTC. */
  readonly issuedAt: number;
}

export const importKey = (pem: string): Promise<CryptoKey> =>
  crypto.subtle.importKey('pkcs8', derOf(pem), P256, true, ['sign']);

const newKeys = () => crypto.subtle.generateKey(P256, true, ['sign', 'verify']);

const validity = (now: number, days: number, issuedAt = now) => ({
  serialNumber: serialNumber(issuedAt),
  notBefore: new Date(FIRST_MS),
  notAfter: new Date(now + days * DAY_MS),
  signingAlgorithm: P256,
});

/** `below`: how many authorities may follow. */
const authorityExtensions = async (key: CryptoKey, below: number): Promise<x509.Extension[]> => [
  new x509.BasicConstraintsExtension(true, below, true),
  new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
  await x509.SubjectKeyIdentifierExtension.create(key),
];

/** A self-signed root. Below it there may be another root's certificate, after a rollover, and an issuer. */
export async function makeRoot(name: string, now: number): Promise<Signer> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity(now, ROOT_DAYS),
    name: [{ CN: [name] }],
    keys,
    extensions: await authorityExtensions(keys.publicKey, 2),
  });
  return { certificate, key: keys.privateKey };
}

/** An authority below a root; it issues while the root's key is locked away. */
export async function makeIssuer(root: Signer, name: string, now: number): Promise<Signer> {
  const keys = await newKeys();
  return {
    certificate: await certifyAuthority(root, { name, key: keys.publicKey, below: 0, now }),
    key: keys.privateKey,
  };
}

/** The new root's key certified by the old root, for gateways that know only the old one. */
export const crossCertify = async (old: Signer, { certificate }: Signer, now: number): Promise<x509.X509Certificate> =>
  certifyAuthority(old, {
    name: certificate.subjectName.getField('CN')[0]!,
    key: await certificate.publicKey.export(),
    below: 1,
    now,
  });

async function certifyAuthority(
  root: Signer,
  {
    name,
    key,
    below,
    now,
  }: { readonly name: string; readonly key: CryptoKey; readonly below: number; readonly now: number },
): Promise<x509.X509Certificate> {
  return x509.X509CertificateGenerator.create({
    ...validity(now, ISSUER_DAYS),
    subject: [{ CN: [name] }],
    issuer: root.certificate.subject,
    publicKey: key,
    signingKey: root.key,
    extensions: [
      ...(await authorityExtensions(key, below)),
      await x509.AuthorityKeyIdentifierExtension.create(root.certificate, false),
    ],
  });
}

export async function makeLeaf(
  issuer: Signer,
  publicKey: x509.PublicKeyType,
  leaf: Leaf,
  now: number,
): Promise<string> {
  const purpose = leaf.purpose === 'client' ? x509.ExtendedKeyUsage.clientAuth : x509.ExtendedKeyUsage.serverAuth;
  const certificate = await x509.X509CertificateGenerator.create({
    ...validity(now, leaf.days, leaf.issuedAt),
    subject: [{ CN: [leaf.name] }],
    issuer: issuer.certificate.subject,
    publicKey,
    signingKey: issuer.key,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([purpose]),
      new x509.SubjectAlternativeNameExtension([...leaf.names]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.certificate, false),
    ],
  });
  return certificate.toString('pem');
}
