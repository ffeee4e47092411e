import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolderPrivate } from '../../shared/files/private-files.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';

const SECRET = { mode: 0o600 } as const;

const OURS =
  /\.sqlite(\.taken|\.migrated)?(-wal|-shm)?$|^audit\.jsonl|^audit-.*\.gz$|^(signing-key\.json|(postgres|migrating|shared-keys)\.json|token|demo-password|users\.htpasswd|exports|pki|keys|orders)$/;

/** Makes the contents of the data folder private, including what an older version left open. Returns what could not be changed. */
export const keepPrivate = (data: string): string[] => makeFolderPrivate(data, (name) => OURS.test(name));

/** A secret of the demo: created at the first start and kept in its own file. */
export function demoSecret(data: string, name: string): string {
  const file = join(data, name);
  if (!existsSync(file)) writeFileSync(file, `${randomBytes(24).toString('base64url')}\n`, SECRET);
  const token = readFileSync(file, 'utf8').trim();
  if (token.length < 20)
    throw new LoadstoneError('LS-CONFIG-003', `${file}: expected a token of at least 20 characters`);
  return token;
}
