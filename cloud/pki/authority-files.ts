import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';

/** Folder of the cloud's certificate authority, below its data folder. */
export const PKI = 'pki';

export const pkiFiles = (data: string) => {
  const folder = join(data, PKI);
  return {
    folder,
    /** Certificates of the valid roots, newest first. */
    roots: join(folder, 'roots.pem'),
    /** The newest root's key; it may be kept elsewhere. */
    rootKey: join(folder, 'root-key.pem'),
    /** The issuer's key, its certificate, and after a root rollover the new root's certificate by the old one. */
    issuer: join(folder, 'issuer.pem'),
    /** Certificates of all issuers so far, to recognise expired certificates that they issued. */
    issuers: join(folder, 'issuers.pem'),
    /** The cloud's own key and certificate. */
    server: join(folder, 'server.pem'),
    /** Gateways that are revoked, or may renew an expired certificate. */
    standing: join(folder, 'gateways.json'),
    /** Upper bound of the time of issue of all gateway certificates, ms UTC. */
    issued: join(folder, 'issued.json'),
    token: (gateway: string): string => join(folder, 'tokens', `${gateway}.json`),
  };
};

/** Whether the cloud has its own authority. */
export const hasAuthority = (data: string): boolean => existsSync(pkiFiles(data).issuer);

/** Throws LS-PKI-003 if the file cannot be read; `remedy` says how to get a missing one. */
export function readPki(file: string, remedy = 'create the authority with "loadstone pki init"'): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new LoadstoneError(
      'LS-PKI-003',
      isMissing ? `there is no file ${file}; ${remedy}` : (error as Error).message,
    );
  }
}
