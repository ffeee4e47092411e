import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateSigningKey, publicHalf, type SigningKey } from '../../shared/codec/signed-document.ts';
import { makeFolderPrivate } from '../../shared/files/private-files.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';

const SECRET = { mode: 0o600 } as const;

const OURS =
  /\.sqlite(\.taken)?(-wal|-shm)?$|^audit\.jsonl|^audit-.*\.gz$|^(signing-key\.json|token|demo-password|users\.htpasswd|exports|pki)$/;

/** Keeps what stands in the data folder from everybody else, also what an older version left open. Returns what could not be. */
export const keepPrivate = (data: string): string[] => makeFolderPrivate(data, (name) => OURS.test(name));

/** A token of the demo: made at the first start and kept in a file of its own. */
export function demoSecret(data: string, name: string): string {
  const file = join(data, name);
  if (!existsSync(file)) writeFileSync(file, `${randomBytes(24).toString('base64url')}\n`, SECRET);
  const token = readFileSync(file, 'utf8').trim();
  if (token.length < 20)
    throw new LoadstoneError('LS-CONFIG-003', `${file}: expected a token of 20 characters or more`);
  return token;
}

/** The key that signs documents: made at the first start; its public half stands beside it, to be copied to gateways, where another user reads it. */
export async function signingKey(data: string): Promise<SigningKey> {
  const file = join(data, 'signing-key.json');
  if (!existsSync(file)) {
    const { privateKey } = await generateSigningKey();
    writeFileSync(file, JSON.stringify(privateKey), SECRET);
  }
  const key = parseKey(readFileSync(file, 'utf8'), file);
  const pinned = join(data, 'trusted-keys.json');
  writeFileSync(pinned, JSON.stringify({ keys: [publicHalf(key)] }));
  chmodSync(pinned, 0o644);
  return key;
}

function parseKey(text: string, file: string): SigningKey {
  try {
    const key = JSON.parse(text) as Partial<SigningKey>;
    if (key.kty === 'OKP' && typeof key.d === 'string' && typeof key.kid === 'string') return key as SigningKey;
  } catch {
    // Told below, without the content.
  }
  throw new LoadstoneError('LS-CONFIG-003', `${file}: expected a private Ed25519 key as JWK with kid`);
}
