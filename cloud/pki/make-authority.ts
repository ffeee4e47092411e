import { X509Certificate as NodeCertificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { pemBlocks, pemOf } from '../../shared/pki/pem.ts';
import { X509Certificate } from '../../shared/pki/x509.ts';
import { makePrivateFolder, writePrivate } from '../../shared/files/private-files.ts';
import { whileLockedUntilDone } from '../../shared/lock/folder-lock.ts';
import { hasAuthority, pkiFiles, readPki } from './authority-files.ts';
import { crossCertify, importKey, makeIssuer, makeRoot, type Signer } from './certificates.ts';

export interface AuthorityPlace {
  /** The cloud's data folder. */
  readonly data: string;
  /** File of the root's key; empty: in the data folder. */
  readonly rootKey: string;
  /** Machine time, ms UTC. */
  readonly now: number;
}

/** Of two commands at once that change roots or issuers, the second waits for the first. */
function whileAlone<T>({ data }: AuthorityPlace, act: () => Promise<T>): Promise<T> {
  const { folder } = pkiFiles(data);
  // Without a folder there is nothing to change, and `act` says so.
  return existsSync(folder) ? whileLockedUntilDone(folder, act) : act();
}

/**
 * Creates the root and the issuer below it. LS-PKI-003: they exist already and are never overwritten. The issuer comes last: until it
 * exists, another call continues where an earlier one ended.
 */
export function initAuthority(place: AuthorityPlace, name: string): Promise<void> {
  makePrivateFolder(pkiFiles(place.data).folder);
  return whileAlone(place, () => makeAuthority(place, name));
}

async function makeAuthority(place: AuthorityPlace, name: string): Promise<void> {
  const files = pkiFiles(place.data);
  if (hasAuthority(place.data)) throw new LoadstoneError('LS-PKI-003', `${files.folder} already contains an authority`);
  const isBegun = existsSync(keyFileOf(place));
  if (isBegun && !existsSync(files.roots)) throw new LoadstoneError('LS-PKI-003', `${keyFileOf(place)} already exists`);
  const root = isBegun ? await newestRoot(place) : await makeRoot(`${name} root`, place.now);
  if (!isBegun) {
    writePrivate(files.roots, root.certificate.toString('pem') + '\n');
    writePrivate(keyFileOf(place), await keyOf(root));
  }
  await putIssuer(place, await makeIssuer(root, `${name} issuer`, place.now));
}

/** Replaces the issuer below the newest root. Certificates of the old one stay valid until they expire. */
export function rollIssuer(place: AuthorityPlace): Promise<void> {
  return whileAlone(place, async () => {
    const root = await newestRoot(place);
    const { above } = await readIssuer(place.data);
    await putIssuer(place, await makeIssuer(root, issuerName(root), place.now), above);
  });
}

/**
 * Creates a new root with a new issuer. Gateways learn of it as they renew; until then the cloud also sends the new root's certificate by
 * the old one, which leads to the root they know. Each file fits those before it, so that a crash between two of them leaves a working
 * authority that may roll over again: the key file holds both keys until the new root is valid, and the new issuer leads to the old root
 * before that.
 */
export function rollRoot(place: AuthorityPlace): Promise<void> {
  return whileAlone(place, () => replaceRoot(place));
}

async function replaceRoot(place: AuthorityPlace): Promise<void> {
  const files = pkiFiles(place.data);
  const old = await newestRoot(place);
  const name = commonName(old.certificate).replace(/ root( \d+)?$/, '');
  const count = pemBlocks(readPki(files.roots), 'CERTIFICATE').length + 1;
  const root = await makeRoot(`${name} root ${count}`, place.now);
  const cross = await crossCertify(old, root, place.now);
  const key = await keyOf(root);
  writePrivate(keyFileOf(place), key + (await keyOf(old)));
  await putIssuer(place, await makeIssuer(root, `${name} issuer`, place.now), [cross.toString('pem')]);
  writePrivate(files.roots, `${root.certificate.toString('pem')}\n${readPki(files.roots)}`);
  writePrivate(keyFileOf(place), key);
}

/** Removes all roots but the newest. Returns their number. */
export function dropOldRoots(place: AuthorityPlace): Promise<number> {
  return whileAlone(place, () => keepNewestRoot(place));
}

async function keepNewestRoot({ data }: AuthorityPlace): Promise<number> {
  const files = pkiFiles(data);
  const [newest = '', ...old] = pemBlocks(readPki(files.roots), 'CERTIFICATE');
  const { key, certificate } = await readIssuer(data);
  const root = new NodeCertificate(newest);
  const issuers = pemBlocks(readPki(files.issuers), 'CERTIFICATE');
  writePrivate(files.issuers, issuers.filter((pem) => new NodeCertificate(pem).verify(root.publicKey)).join(''));
  writePrivate(files.issuer, key + certificate);
  writePrivate(files.roots, newest);
  return old.length;
}

export interface IssuerFile {
  readonly key: string;
  readonly certificate: string;
  /** Further certificates to send, leading to an older root. */
  readonly above: readonly string[];
}

export async function readIssuer(data: string): Promise<IssuerFile> {
  const { issuer } = pkiFiles(data);
  const text = readPki(issuer);
  const [key] = pemBlocks(text, 'PRIVATE KEY');
  const [certificate, ...above] = pemBlocks(text, 'CERTIFICATE');
  if (key === undefined || certificate === undefined)
    throw new LoadstoneError('LS-PKI-003', `${issuer}: expected a private key and a certificate (PEM)`);
  return { key, certificate, above };
}

async function putIssuer({ data }: AuthorityPlace, issuer: Signer, above: readonly string[] = []): Promise<void> {
  const files = pkiFiles(data);
  const certificate = `${issuer.certificate.toString('pem')}\n`;
  const before = existsSync(files.issuers) ? readFileSync(files.issuers, 'utf8') : '';
  writePrivate(files.issuers, certificate + before);
  writePrivate(files.issuer, (await keyOf(issuer)) + certificate + above.map((each) => `${each.trim()}\n`).join(''));
}

async function newestRoot(place: AuthorityPlace): Promise<Signer> {
  const files = pkiFiles(place.data);
  const file = keyFileOf(place);
  const [newest = ''] = pemBlocks(readPki(files.roots), 'CERTIFICATE');
  const certificate = new X509Certificate(newest);
  const keys = readPki(file, 'name the file of the root key with --root-key');
  for (const pem of pemBlocks(keys, 'PRIVATE KEY')) {
    const key = await importKey(pem).catch(() => undefined);
    if (key !== undefined && (await signsFor(key, certificate))) return { certificate, key };
  }
  throw new LoadstoneError('LS-PKI-003', `${file} is not the key of the newest root in ${files.roots}`);
}

const keyFileOf = ({ data, rootKey }: AuthorityPlace): string => (rootKey === '' ? pkiFiles(data).rootKey : rootKey);

/** Whether a private key belongs to a certificate, by a trial signature. */
async function signsFor(key: CryptoKey, certificate: X509Certificate): Promise<boolean> {
  const words = new TextEncoder().encode('Loadstone');
  const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
  const signature = await crypto.subtle.sign(algorithm, key, words);
  return crypto.subtle.verify(algorithm, await certificate.publicKey.export(), signature, words);
}

const commonName = (certificate: X509Certificate): string => certificate.subjectName.getField('CN')[0] ?? 'Loadstone';
const issuerName = ({ certificate }: Signer): string => commonName(certificate).replace(/ root( \d+)?$/, ' issuer');
const keyOf = async ({ key }: Signer): Promise<string> =>
  pemOf('PRIVATE KEY', await crypto.subtle.exportKey('pkcs8', key));
