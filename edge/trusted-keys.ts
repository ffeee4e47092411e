import { readPinnedKeys, type PinnedKeys } from '../shared/pki/key-list.ts';
import type { GatewayConfig } from './config/schema.ts';
import { identityFiles } from './uplink/identity-files.ts';
import { readText } from './local/paths.ts';

/** File of the keys: the configured one, or the one that came with the gateway's certificate. */
export const keysFileOf = ({ trust, uplink }: Pick<GatewayConfig, 'trust' | 'uplink'>): string | undefined =>
  trust.keysFile ?? (uplink.identity === undefined ? undefined : identityFiles(uplink.identity).keys);

/**
 * The pinned keys: the root with its signed list, or in an older file the keys themselves as a JWK set of Ed25519 public keys. If
 * it cannot be read, every document is refused, and `lacks` says why.
 */
export function trustedKeys(file: string | undefined, lacks: string[]): PinnedKeys {
  if (file === undefined) {
    lacks.push('trust.keysFile: no key is pinned, so every plan, model, setting and command is refused');
    return { keys: [] };
  }
  const read = readText(file);
  if ('why' in read) {
    lacks.push(`trust.keysFile: ${read.why}`);
    return { keys: [] };
  }
  const pinned = readPinnedKeys(read.text);
  if (pinned.ok) return pinned.value;
  lacks.push(`trust.keysFile: ${file} is not a JWK set of Ed25519 public keys with kid: ${pinned.fault.detail}`);
  return { keys: [] };
}
