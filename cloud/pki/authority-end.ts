import { X509Certificate } from 'node:crypto';
import { pemBlocks } from '../../shared/pki/pem.ts';
import { pkiFiles, readPki } from './authority-files.ts';

/** A certificate of the authority and its expiry, ms UTC. */
export interface AuthorityEnd {
  readonly what: 'issuer' | 'root';
  readonly at: number;
}

/** Expiries of the issuer and the newest root, the earliest first. LS-PKI-003: no authority. */
export function authorityEnds(data: string): readonly AuthorityEnd[] {
  const { issuer, roots } = pkiFiles(data);
  return ([['issuer', issuer] as const, ['root', roots] as const] as const)
    .map(([what, file]) => {
      const [newest = ''] = pemBlocks(readPki(file), 'CERTIFICATE');
      return { what, at: new X509Certificate(newest).validToDate.getTime() };
    })
    .toSorted((a, b) => a.at - b.at);
}
