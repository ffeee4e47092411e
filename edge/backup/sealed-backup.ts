import { Type, type Static } from 'typebox';
import type { BackupKey } from '../../shared/backup/backup-key.ts';
import { checker } from '../../shared/contracts/validate.ts';
import { LoadstoneError, unwrap } from '../../shared/outcome/outcome.ts';
import { hashOf } from './bundle.ts';

/** A backup as it leaves the gateway: key, passwords and memory encrypted under a passphrase. */
const SealedBackup = Type.Object(
  {
    version: Type.Literal(2),
    /** The gateway it belongs to, in clear. */
    gateway: Type.String({ maxLength: 100 }),
    /** Hash of the sealed bytes; distinguishes damage from a wrong passphrase. */
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    sealed: Type.String(),
  },
  { additionalProperties: false },
);

const check = checker(SealedBackup, 'LS-BACKUP-001');
const NAME = 'the backup';

export function sealBackup(text: string, gateway: string, key: BackupKey): string {
  const sealed = key.seal(Buffer.from(text));
  const whole: Static<typeof SealedBackup> = {
    version: 2,
    gateway,
    sha256: hashOf(sealed),
    sealed: Buffer.from(sealed).toString('base64'),
  };
  return `${JSON.stringify(whole)}\n`;
}

/** The sealed bytes of a backup; undefined if it is unencrypted, from an older version. Throws LS-BACKUP-001 if it is damaged. */
export function sealedBytes(text: string): Uint8Array | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new LoadstoneError('LS-BACKUP-001', 'not JSON: the file is truncated or is not a backup');
  }
  if ((value as { readonly version?: unknown } | null)?.version === 1) return undefined;
  const { sealed, sha256 } = unwrap(check(value));
  const bytes = Buffer.from(sealed, 'base64');
  if (hashOf(bytes) !== sha256)
    throw new LoadstoneError('LS-BACKUP-001', `${NAME} is damaged: its SHA-256 does not match`);
  return bytes;
}

/** The backup's text; LS-BACKUP-003 if the passphrase is wrong. */
export const openBackup = (sealed: Uint8Array, key: BackupKey): string =>
  Buffer.from(key.open(sealed, NAME)).toString('utf8');
