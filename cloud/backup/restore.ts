import {
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { BackupKey } from '../../shared/backup/backup-key.ts';
import { lockFiles, lockFolder } from '../../shared/lock/folder-lock.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { filesBelow, type SealedKeys } from './backup.ts';
import { putSecrets } from './taken-secrets.ts';
import { sync } from './copy-database.ts';
import type { InfluxTool } from './influx-tool.ts';
import { pkiFiles } from '../pki/authority-files.ts';
import { checkFiles, KEYS, readManifest, type Manifest } from './manifest.ts';

/** Folder for incomplete restores; a cloud does not start next to it. */
const RESTORING = 'restoring';
const INFLUX = 'influx/';

export interface Restored {
  readonly manifest: Manifest;
  readonly revoked: readonly string[];
}

export interface RestoreOptions {
  readonly from: string;
  /** The data folder: empty or new. */
  readonly data: string;
  readonly passphrase: string;
  /** The InfluxDB tool; required if the backup's points are from a server. */
  readonly influx: (() => Promise<InfluxTool>) | undefined;
  /** Machine time, ms UTC. */
  readonly now: number;
  readonly said: (line: string) => void;
  /** Gateways revoked after the backup: their certificates would become valid again, so the person who restores must name them. */
  revokedSince(manifest: Manifest): Promise<readonly string[]>;
  /** Prepares the restored stores for a cloud; returns the number of gateways whose epoch it raised. */
  revive(folder: string, of: Restored): Promise<number>;
}

/** Restores a backup into an empty folder: all of it, or nothing if it is damaged or cannot be decrypted. */
export async function restoreBackup(
  options: RestoreOptions,
): Promise<{ readonly manifest: Manifest; readonly raised: number }> {
  const { from, data, said } = options;
  const lock = lockEmpty(data, options.now);
  try {
    const { manifest, mac } = readManifest(from);
    await checkFiles(from, manifest, said);
    const sealed = readFileSync(join(from, KEYS));
    const key = BackupKey.for(sealed, options.passphrase);
    const keys = JSON.parse(Buffer.from(key.open(sealed, KEYS)).toString('utf8')) as SealedKeys;
    if (!key.vouchesFor(JSON.stringify(manifest), mac))
      throw new LoadstoneError('LS-BACKUP-001', 'manifest.json was changed since the backup');
    const isAuthority = keys.files.some(({ name }) => name === pkiFiles('').issuer);
    const revoked = isAuthority ? await options.revokedSince(manifest) : [];
    const tool = await toolFor(options, manifest);
    const part = join(data, RESTORING);
    mkdirSync(part, { mode: 0o700 });
    let raised: number;
    try {
      for (const { name } of manifest.files) {
        if (name === KEYS || name.startsWith(INFLUX)) continue;
        copyFileSync(join(from, name), join(part, name));
        said(`${name}: copied`);
      }
      for (const { name, base64 } of keys.files) {
        mkdirSync(dirname(join(part, name)), { recursive: true, mode: 0o700 });
        writeFileSync(join(part, name), Buffer.from(base64, 'base64'), { mode: 0o600 });
      }
      putSecrets(join(part, 'state.sqlite'), keys);
      raised = await options.revive(part, { manifest, revoked });
      await tool?.restore(join(from, INFLUX));
    } catch (error) {
      rmSync(part, { recursive: true, force: true });
      throw error;
    }
    putInPlace(data, part);
    return { manifest, raised };
  } finally {
    lock.release();
  }
}

/**
 * The tool that restores the points; undefined if they are in a file. Throws unless the configured store will have exactly the points of
 * the backup: the ledger calls them stored, and gateways have evicted many of them.
 */
export async function toolFor(
  { influx }: Pick<RestoreOptions, 'influx'>,
  { store, influx: had }: Pick<Manifest, 'store' | 'influx'>,
): Promise<InfluxTool | undefined> {
  if (store === 'sqlite' && influx === undefined) return undefined;
  if (store === 'sqlite')
    throw new LoadstoneError(
      'LS-CONFIG-002',
      'telemetry: the measurements of the backup are in telemetry.sqlite, which a cloud on InfluxDB does not read; restore with telemetry: { kind: sqlite }',
    );
  if (influx === undefined)
    throw new LoadstoneError(
      'LS-CONFIG-002',
      `telemetry: the measurements of the backup are from InfluxDB ${had?.version ?? ''}; name the server to restore them to in --config`,
    );
  const tool = await influx();
  if (had !== undefined && had.database !== tool.database)
    throw new LoadstoneError(
      'LS-CONFIG-002',
      `telemetry.database: the backup has the database ${had.database}, and InfluxDB restores it under this name, not as ${tool.database}`,
    );
  await tool.assertAbsent();
  return tool;
}

/** Locks an empty folder. Throws LS-DATA-001 if a cloud is running on it, LS-BACKUP-002 if it is not empty. */
function lockEmpty(data: string, now: number): ReturnType<typeof lockFolder> {
  const lock = lockFolder(data, now);
  const [found] = readdirSync(data).filter((name) => !lockFiles.includes(name));
  if (found === undefined) return lock;
  lock.release();
  throw new LoadstoneError(
    'LS-BACKUP-002',
    `${data} is not empty: it contains ${found}; restore needs an empty folder`,
  );
}

/** Gives the files to the owner of the folder, because root may restore for a service. */
function putInPlace(data: string, part: string): void {
  for (const name of filesBelow(part)) {
    sync(join(part, name));
    own(join(part, name), data);
  }
  // The ledger comes last: without it no cloud accepts the folder.
  const names = readdirSync(part).toSorted((a, b) => Number(a === 'state.sqlite') - Number(b === 'state.sqlite'));
  for (const name of names) renameSync(join(part, name), join(data, name));
  rmdirSync(part);
  sync(data);
}

function own(path: string, folder: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(folder);
  chownSync(path, uid, gid);
}

/** Throws LS-DATA-004 after an incomplete restore. */
export function assertRestored(data: string): void {
  const part = join(data, RESTORING);
  if (existsSync(part))
    throw new LoadstoneError('LS-DATA-004', `${part} exists: the restore into ${dirname(part)} is incomplete`);
}
