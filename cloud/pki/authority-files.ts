import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';

/** What the certificate authority of a cloud keeps, below its data folder. */
export const PKI = 'pki';

export const pkiFiles = (data: string) => {
  const folder = join(data, PKI);
  return {
    folder,
    /** Certificates of the roots that count, the newest first. */
    roots: join(folder, 'roots.pem'),
    /** The newest root's key. It may be carried away. */
    rootKey: join(folder, 'root-key.pem'),
    /** The issuer's key, its certificate, and after a change of roots the new root's certificate by the old one. */
    issuer: join(folder, 'issuer.pem'),
    /** Certificates of every issuer so far, so that what they issued is known when it has expired. */
    issuers: join(folder, 'issuers.pem'),
    /** The cloud's own key and certificate. */
    server: join(folder, 'server.pem'),
    /** Gateways that are revoked, or may renew an expired certificate. */
    standing: join(folder, 'gateways.json'),
    /** No certificate of a gateway says a later time of issue, ms UTC. */
    issued: join(folder, 'issued.json'),
    token: (gateway: string): string => join(folder, 'tokens', `${gateway}.json`),
  };
};

/** Whether the cloud has an authority of its own. */
export const hasAuthority = (data: string): boolean => existsSync(pkiFiles(data).issuer);

/** LS-PKI-003 where it cannot be read; `remedy` says where a file that is not there would come from. */
export function readPki(file: string, remedy = '"loadstone pki init" makes the authority'): string {
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
