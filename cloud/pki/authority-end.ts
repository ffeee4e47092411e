import { X509Certificate } from 'node:crypto';
import { pemBlocks } from '../../shared/pki/pem.ts';
import { pkiFiles, readPki } from './authority-files.ts';

/** A certificate of the authority, and when it ends, ms UTC. */
export interface AuthorityEnd {
  readonly what: 'issuer' | 'root';
  readonly at: number;
}

/** Of the issuer and the newest root, the one that ends first comes first. LS-PKI-003 where there is no authority. */
export function authorityEnds(data: string): readonly AuthorityEnd[] {
  const { issuer, roots } = pkiFiles(data);
  return ([['issuer', issuer] as const, ['root', roots] as const] as const)
    .map(([what, file]) => {
      const [newest = ''] = pemBlocks(readPki(file), 'CERTIFICATE');
      return { what, at: new X509Certificate(newest).validToDate.getTime() };
    })
    .toSorted((a, b) => a.at - b.at);
}
