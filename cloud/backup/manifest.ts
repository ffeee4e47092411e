import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Type, type Static } from 'typebox';
import { checker } from '../../shared/contracts/validate.ts';
import { LoadstoneError, unwrap } from '../../shared/outcome/outcome.ts';

const closed = { additionalProperties: false } as const;

export const MANIFEST = 'manifest.json';
export const KEYS = 'keys.sealed';

/** A name cannot lead out of the folder. */
const Name = Type.String({
  maxLength: 300,
  pattern: '^([a-zA-Z0-9_-][a-zA-Z0-9._-]*/)*[a-zA-Z0-9_-][a-zA-Z0-9._-]*$',
});
const checkName = checker(Name, 'LS-BACKUP-005');

const Entry = Type.Object(
  {
    name: Name,
    bytes: Type.Integer({ minimum: 0 }),
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  },
  closed,
);

const Unvouched = Type.Object(
  {
    /** Since version 2, people are encrypted; older software refuses it, because it would restore no people. */
    version: Type.Union([Type.Literal(1), Type.Literal(2)]),
    software: Type.String({ maxLength: 100 }),
    /** Machine time, ms UTC. */
    madeAt: Type.Integer({ minimum: 0 }),
    region: Type.String({ maxLength: 100 }),
    /** Where the points were stored: with the rest, or in a server. */
    store: Type.Union([Type.Literal('sqlite'), Type.Literal('influxdb')]),
    influx: Type.Optional(Type.Object({ version: Type.String(), database: Type.String() }, closed)),
    files: Type.Array(Entry, { maxItems: 100_000 }),
  },
  closed,
);
export type Manifest = Static<typeof Unvouched>;

const Vouched = Type.Object({ manifest: Unvouched, mac: Type.String({ pattern: '^[0-9a-f]{64}$' }) }, closed);
export type VouchedManifest = Static<typeof Vouched>;

const check = checker(Vouched, 'LS-BACKUP-001');

/** Reads the manifest of a backup. It is written last, so a backup without one is incomplete. */
export function readManifest(folder: string): VouchedManifest {
  const path = join(folder, MANIFEST);
  if (!existsSync(path))
    throw new LoadstoneError('LS-BACKUP-001', `${folder} has no ${MANIFEST}: it is not a backup, or an unfinished one`);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw new LoadstoneError('LS-BACKUP-001', `${path} is not JSON: it is truncated or damaged`);
  }
  return unwrap(check(value));
}

/** Throws LS-BACKUP-005 for a name that restore would refuse. */
export async function entryOf(folder: string, name: string): Promise<Static<typeof Entry>> {
  if (!checkName(name).ok)
    throw new LoadstoneError(
      'LS-BACKUP-005',
      `${name}: restore does not accept this file name; rename the file, or move it away`,
    );
  const path = join(folder, name);
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { name, bytes, sha256: hash.digest('hex') };
}

/** Throws LS-BACKUP-001 if a file has changed since the backup. */
export async function checkFiles(folder: string, { files }: Manifest, said: (line: string) => void): Promise<void> {
  for (const { name, bytes, sha256 } of files) {
    const there = statSync(join(folder, name), { throwIfNoEntry: false })?.size;
    if (there === undefined) throw new LoadstoneError('LS-BACKUP-001', `${name} is missing`);
    if (there !== bytes) throw new LoadstoneError('LS-BACKUP-001', `${name} has ${there} bytes instead of ${bytes}`);
    const found = await entryOf(folder, name);
    if (found.sha256 !== sha256)
      throw new LoadstoneError('LS-BACKUP-001', `${name} was changed since the backup: its SHA-256 differs`);
    said(`${name}: intact`);
  }
}
