import type { SigningKey } from '../shared/codec/signed-document.ts';
import type { GatewayConfig } from './config/schema.ts';
import { identityFiles } from './uplink/identity-files.ts';
import { readText } from './local/paths.ts';

/** Where the keys are: the file that the configuration names, or the one that came with the gateway's certificate. */
export const keysFileOf = ({ trust, uplink }: Pick<GatewayConfig, 'trust' | 'uplink'>): string | undefined =>
  trust.keysFile ?? (uplink.identity === undefined ? undefined : identityFiles(uplink.identity).keys);

/**
 * The keys whose documents count: a JWK set of Ed25519 public keys. Where it cannot be read, every document is refused, and
 * `lacks` says why. A private key in it is an error: it does not belong on a gateway.
 */
export function trustedKeys(file: string | undefined, lacks: string[]): SigningKey[] {
  if (file === undefined) {
    lacks.push('trust.keysFile: no key is pinned, so every plan, model, setting and command is refused');
    return [];
  }
  const read = readText(file);
  if ('why' in read) {
    lacks.push(`trust.keysFile: ${read.why}`);
    return [];
  }
  try {
    const keys = (JSON.parse(read.text) as { keys?: unknown }).keys;
    if (Array.isArray(keys) && keys.length > 0 && keys.every(isPublicKey)) return keys;
    lacks.push(`trust.keysFile: ${file} is no JWK set of Ed25519 public keys with kid`);
  } catch (error) {
    lacks.push(`trust.keysFile: ${file} is no JSON: ${error instanceof Error ? error.message : ''}`);
  }
  return [];
}

function isPublicKey(value: unknown): value is SigningKey {
  if (typeof value !== 'object' || value === null) return false;
  const key = value as Record<string, unknown>;
  return (
    key['kty'] === 'OKP' &&
    key['crv'] === 'Ed25519' &&
    typeof key['x'] === 'string' &&
    typeof key['kid'] === 'string' &&
    key['d'] === undefined
  );
}
