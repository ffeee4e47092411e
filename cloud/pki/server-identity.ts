import { existsSync, readFileSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { hostname } from 'node:os';
import { isIP } from 'node:net';
import { pemBlocks } from '../../shared/pki/pem.ts';
import { renewFrom } from '../../shared/pki/serial.ts';
import { writePrivate } from '../../shared/files/private-files.ts';
import { pkiFiles, readPki } from './authority-files.ts';

/** Names of the local machine. */
export const HOME = ['localhost', '127.0.0.1', '::1'] as const;

/**
 * The cloud's key and certificate chain, PEM: the stored ones, or new ones if there are none, two thirds of their lifetime have passed, or
 * the issuer or the names have changed.
 */
export async function serverIdentity(data: string, names: readonly string[], now: number): Promise<string> {
  const { server, issuer } = pkiFiles(data);
  const all = [...new Set([...names, hostname().toLowerCase(), ...HOME])].filter((name) =>
    /^[a-z0-9.:-]{1,253}$/.test(name),
  );
  const above = pemBlocks(readPki(issuer), 'CERTIFICATE').join('');
  const stored = existsSync(server) ? readFileSync(server, 'utf8') : '';
  if (isFit(stored, { above, all, now })) return stored;
  const { Authority } = await import('./authority.ts');
  const made = await new Authority(data).serverIdentity(
    all.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
    now,
  );
  writePrivate(server, made);
  return made;
}

function isFit(
  stored: string,
  { above, all, now }: { readonly above: string; readonly all: readonly string[]; readonly now: number },
): boolean {
  const [leaf, ...rest] = pemBlocks(stored, 'CERTIFICATE');
  if (leaf === undefined || rest.join('') !== above) return false;
  const certificate = new X509Certificate(leaf);
  const validToMs = certificate.validToDate.getTime();
  const from = renewFrom({
    serialNumber: certificate.serialNumber,
    validFromMs: certificate.validFromDate.getTime(),
    validToMs,
  });
  return now < from && all.every((name) => covers(certificate, name));
}

const covers = (certificate: X509Certificate, name: string): boolean =>
  (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined;
