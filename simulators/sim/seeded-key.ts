import { createHash, createPrivateKey } from 'node:crypto';
import type { SigningKey } from '../../shared/codec/signed-document.ts';

/** PKCS#8 of an Ed25519 private key is this prefix and 32 bytes (RFC 8410). */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A signing key derived from a seed; for simulations only, where two runs must be identical. */
export function seededKey(seed: number): SigningKey {
  const secret = createHash('sha256').update(`simulation ${seed}`).digest();
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, secret]), format: 'der', type: 'pkcs8' });
  return { ...key.export({ format: 'jwk' }), kid: `sim-${seed}` };
}
