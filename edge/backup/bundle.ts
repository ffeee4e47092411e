import { createHash } from 'node:crypto';
import { Type, type Static } from 'typebox';
import { checker } from '../../shared/contracts/validate.ts';
import { bad, good, type Outcome } from '../../shared/outcome/outcome.ts';

const closed = { additionalProperties: false } as const;

/** Purpose of a file. Its path comes from the configuration, never from the backup. */
const Kind = Type.Union([
  Type.Literal('config'),
  Type.Literal('trusted-keys'),
  Type.Literal('identity'),
  Type.Literal('uplink-user'),
  Type.Literal('proxy-user'),
  Type.Literal('device-users'),
  Type.Literal('charger-users'),
  Type.Literal('load-history'),
  Type.Literal('state'),
]);
export type Kind = Static<typeof Kind>;

/** A path that cannot lead out of the journal's folder. */
export const STATE_NAME = /^([a-z0-9][a-zA-Z0-9._-]*\/)*[a-z0-9][a-zA-Z0-9._-]*$/;

const BackupFile = Type.Object(
  {
    kind: Kind,
    /** For `state`: the path below the journal's folder; for `charger-users`: the device; for `identity`: the file; else the kind. */
    name: Type.String({ maxLength: 200, pattern: STATE_NAME.source }),
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    base64: Type.String(),
  },
  closed,
);

/** A gateway's identity and memory in one file, without the journal. */
export const Backup = Type.Object(
  {
    version: Type.Literal(1),
    gateway: Type.String(),
    software: Type.String(),
    /** Machine time, ms UTC. */
    madeAt: Type.Number(),
    files: Type.Array(BackupFile, { maxItems: 1000 }),
  },
  closed,
);
export type Backup = Static<typeof Backup>;

export interface Content {
  readonly kind: Kind;
  readonly name: string;
  readonly bytes: Uint8Array;
}

export const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export const packed = ({ kind, name, bytes }: Content): Backup['files'][number] => ({
  kind,
  name,
  sha256: hashOf(bytes),
  base64: Buffer.from(bytes).toString('base64'),
});

const check = checker(Backup, 'LS-BACKUP-001');

/** Parses a backup; LS-BACKUP-001 if it is no backup, is damaged, or contains a path outside its folder. */
export function contentsOf(text: string): Outcome<{ readonly backup: Backup; readonly contents: readonly Content[] }> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return bad('LS-BACKUP-001', 'not JSON: the file is truncated or is not a backup');
  }
  const checked = check(value);
  if (!checked.ok) return checked;
  const contents = checked.value.files.map(({ kind, name, base64 }) => ({
    kind,
    name,
    bytes: new Uint8Array(Buffer.from(base64, 'base64')),
  }));
  for (const [at, { name, bytes }] of contents.entries()) {
    if (hashOf(bytes) !== checked.value.files[at]!.sha256) return bad('LS-BACKUP-001', `${name} is damaged`);
    if (name.split('/').includes('..')) return bad('LS-BACKUP-001', `${name} points outside its folder`);
  }
  if (contents.filter(({ kind }) => kind === 'config').length !== 1)
    return bad('LS-BACKUP-001', 'it contains no configuration');
  return good({ backup: checked.value, contents });
}
