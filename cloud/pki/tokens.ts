import { createHash, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { newSecret, printToken } from '../../shared/pki/enrolment-token.ts';
import { pemBlocks, derOf } from '../../shared/pki/pem.ts';
import { writePrivate } from '../../shared/files/private-files.ts';
import { pkiFiles, readPki } from './authority-files.ts';

export const TOKEN_HOURS = 24;
const HOUR_MS = 3_600_000;

interface StoredToken {
  /** SHA-256 of the secret, which has 128 random bits and needs no slower hash. */
  readonly hash: string;
  readonly expiresAt: number;
}

const hashOf = (text: string | Uint8Array): Buffer => createHash('sha256').update(text).digest();

/** SHA-256 of the newest root. */
export const rootFingerprint = (roots: string): string =>
  hashOf(derOf(pemBlocks(roots, 'CERTIFICATE')[0] ?? '')).toString('hex');

/** Creates a gateway's token and voids its previous one. Only the hash is stored. */
export function makeToken(
  data: string,
  gateway: string,
  { now, hours = TOKEN_HOURS }: { now: number; hours?: number },
): string {
  const files = pkiFiles(data);
  const secret = newSecret();
  const root = rootFingerprint(readPki(files.roots));
  const stored: StoredToken = { hash: hashOf(secret).toString('hex'), expiresAt: now + hours * HOUR_MS };
  writePrivate(files.token(gateway), JSON.stringify(stored));
  return printToken({ gateway, root, secret });
}

/** Whether this is the gateway's token; deletes an expired one. */
export function isToken(data: string, gateway: string, secret: string, now: number): boolean {
  const file = pkiFiles(data).token(gateway);
  if (!existsSync(file)) return false;
  const { hash, expiresAt } = JSON.parse(readFileSync(file, 'utf8')) as StoredToken;
  if (now >= expiresAt) {
    rmSync(file);
    return false;
  }
  const known = Buffer.from(hash, 'hex');
  const given = hashOf(secret);
  return known.length === given.length && timingSafeEqual(known, given);
}

/** Like `isToken`, but consumes a valid token. */
export function takeToken(data: string, gateway: string, secret: string, now: number): boolean {
  const isRight = isToken(data, gateway, secret, now);
  if (isRight) rmSync(pkiFiles(data).token(gateway));
  return isRight;
}
