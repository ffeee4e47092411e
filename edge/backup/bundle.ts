import { createHash } from 'node:crypto';
import { Type, type Static } from 'typebox';
import { checker } from '../../shared/contracts/validate.ts';
import { bad, good, type Outcome } from '../../shared/outcome/outcome.ts';

const closed = { additionalProperties: false } as const;

/** What a file is to the gateway: its place is told by the configuration, never by the backup. */
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

const BackupFile = Type.Object(
  {
    kind: Kind,
    /** Of `state`: below the journal's folder; of `charger-users`: the device; of `identity`: the file; else the kind. */
    name: Type.String({ maxLength: 200, pattern: '^([a-z0-9][a-zA-Z0-9._-]*/)*[a-z0-9][a-zA-Z0-9._-]*$' }),
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    base64: Type.String(),
  },
  closed,
);

/** The identity and the memory of a gateway in one file; the journal is not in it. */
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

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export const packed = ({ kind, name, bytes }: Content): Backup['files'][number] => ({
  kind,
  name,
  sha256: hashOf(bytes),
  base64: Buffer.from(bytes).toString('base64'),
});

const check = checker(Backup, 'LS-BACKUP-001');

/** The contents of a backup's text; LS-BACKUP-001 where it is none, is damaged, or would leave its folder. */
export function contentsOf(text: string): Outcome<{ readonly backup: Backup; readonly contents: readonly Content[] }> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return bad('LS-BACKUP-001', 'it is no JSON: the file is cut or is no backup');
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
    if (name.split('/').includes('..')) return bad('LS-BACKUP-001', `${name} leaves its folder`);
  }
  if (contents.filter(({ kind }) => kind === 'config').length !== 1)
    return bad('LS-BACKUP-001', 'it holds no configuration');
  return good({ backup: checked.value, contents });
}
