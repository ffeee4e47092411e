import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import { messageOf } from '../../shared/outcome/message-of.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { TlsMaterial } from '../api/app.ts';
import { isLoopback, proxyList } from '../api/callers/transport.ts';
import type { CloudConfig } from '../config.ts';
import { hasAuthority, pkiFiles } from '../pki/authority-files.ts';

/** Paths of the API's key and certificate. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** Throws LS-CONFIG-002 if passwords and tokens would travel in plain text, or if a proxy is not named. */
export function assertClosedDoor({ host, tls, publicOrigin, trustedProxies }: CloudConfig['api']): void {
  const refuse = (detail: string): never => {
    throw new LoadstoneError('LS-CONFIG-002', detail);
  };
  for (const entry of trustedProxies)
    if (proxyList([entry]) === undefined)
      refuse(
        `api.trustedProxies: ${entry} is neither an address nor a network; expected one such as 127.0.0.1 or 10.0.0.0/24`,
      );
  const isHome = host === 'localhost' || isLoopback(host);
  if (publicOrigin !== '' && tls === undefined && trustedProxies.length === 0)
    refuse(
      `api.publicOrigin ${publicOrigin} needs HTTPS: name the proxy in api.trustedProxies${isHome ? ', such as [127.0.0.1]' : ''}, or set api.tls`,
    );
  if (publicOrigin === '' && trustedProxies.length > 0)
    refuse('api.trustedProxies needs api.publicOrigin: give https://HOST as users open it');
  if (!isHome && tls === undefined && trustedProxies.length === 0)
    refuse(
      `api.host ${host}: passwords and tokens would be sent unencrypted; set api.tls, or api.publicOrigin and api.trustedProxies for a proxy`,
    );
}

/** Undefined: plain HTTP. */
export function tlsFilesOf({ tls }: CloudConfig['api'], data: string): TlsFiles | undefined {
  if (tls === undefined) return undefined;
  if (tls.certFile !== '') return { certFile: tls.certFile, keyFile: tls.keyFile === '' ? tls.certFile : tls.keyFile };
  if (!hasAuthority(data))
    throw new LoadstoneError(
      'LS-CONFIG-003',
      `api.tls: there are no certificates in ${pkiFiles(data).folder}; create them with "loadstone pki init", or name others in api.tls.certFile and keyFile`,
    );
  return { certFile: pkiFiles(data).server, keyFile: pkiFiles(data).server };
}

/** The URL as people on this machine use it. `tls`: undefined for plain HTTP. */
export const urlOf = (host: string, port: number, tls: unknown): string =>
  `${tls === undefined ? 'http' : 'https'}://${host === '127.0.0.1' ? 'localhost' : host}:${port}`;

/** Throws LS-CONFIG-003 if the files cannot be read or do not belong together. */
export function readTls({ certFile, keyFile }: TlsFiles): TlsMaterial {
  try {
    const [cert, key] = [readFileSync(resolve(certFile), 'utf8'), readFileSync(resolve(keyFile), 'utf8')];
    createSecureContext({ cert, key });
    return { cert, key };
  } catch (error) {
    throw new LoadstoneError(
      'LS-CONFIG-003',
      `api.tls: ${certFile} and ${keyFile} are not a certificate with its key: ${messageOf(error)}`,
    );
  }
}
