import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { BackupKey } from '../../shared/backup/backup-key.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import { copyDatabase, sync } from './copy-database.ts';
import type { InfluxTool } from './influx-tool.ts';
import { entryOf, KEYS, MANIFEST, type Manifest } from './manifest.ts';
import { PKI } from '../pki/authority-files.ts';
import { KEYS_FOLDER } from '../pki/key-files.ts';
import { takeSecrets, type TakenSecrets } from './taken-secrets.ts';

/** Files that open or sign something; a backup holds them only encrypted. */
const SIGNING_KEY = 'signing-key.json';
const DEMO_SECRETS = ['token', 'demo-password'] as const;
const USERS = 'users.htpasswd';
const AUDIT = 'audit.jsonl';
const CHECKPOINT = 'audit.jsonl.checkpoint';

export interface BackupOptions {
  /** The data folder, and whether a cloud is running on it. */
  readonly data: string;
  readonly isRunning: boolean;
  /** Destination: an empty or new folder. */
  readonly into: string;
  readonly passphrase: string;
  /** Gateways' passwords, at the configured path. */
  readonly usersFile: string;
  /** The network model, included to help write a new configuration. */
  readonly regionFile: string;
  /** Absent: the points are in the data folder. */
  readonly influx: InfluxTool | undefined;
  readonly software: string;
  readonly machine: TimeBase;
  readonly progress: (name: string, done: number, all: number) => void;
}

/** Encrypted content: key and password files, people, and webhook signing secrets. */
export interface SealedKeys extends TakenSecrets {
  readonly version: 1 | 2;
  readonly files: readonly { readonly name: string; readonly base64: string }[];
}

/**
 * Copies all data of a cloud while it runs. The ledger is copied before the points, which are written before the ledger, so every range
 * that the backup's ledger calls stored has its points in the backup. The manifest comes last: without it there is no backup.
 */
export async function makeBackup(options: BackupOptions): Promise<Manifest> {
  const { data, into, influx } = options;
  emptyFolder(into);
  await copied(options, 'state.sqlite');
  const taken = takeSecrets(join(into, 'state.sqlite'));
  await copied(options, 'planner.sqlite');
  copyAudit(data, into);
  copyFileSync(options.regionFile, join(into, 'region.json'));
  const key = BackupKey.of(options.passphrase);
  writeFileSync(join(into, KEYS), key.seal(Buffer.from(JSON.stringify(keysOf(options, taken)))), { mode: 0o600 });
  if (influx === undefined) await copied(options, 'telemetry.sqlite');
  else {
    options.progress('InfluxDB', 0, 0);
    await influx.backup(join(into, 'influx'));
  }
  const files: Manifest['files'] = [];
  for (const name of filesBelow(into)) {
    sync(join(into, name));
    files.push(await entryOf(into, name));
  }
  const manifest: Manifest = {
    version: 2,
    software: options.software,
    madeAt: Math.round(options.machine.now()),
    region: regionOf(options.regionFile),
    store: influx === undefined ? 'sqlite' : 'influxdb',
    ...(influx === undefined ? {} : { influx: { version: influx.version, database: influx.database } }),
    files,
  };
  const vouched = { manifest, mac: key.vouch(JSON.stringify(manifest)) };
  writeFileSync(join(into, MANIFEST), `${JSON.stringify(vouched, undefined, 1)}\n`, { mode: 0o600, flush: true });
  sync(into);
  return manifest;
}

function emptyFolder(into: string): void {
  if (existsSync(into) && (!statSync(into).isDirectory() || readdirSync(into).length > 0))
    throw new LoadstoneError('LS-BACKUP-002', `${into} is not an empty folder; a backup needs a folder of its own`);
  mkdirSync(into, { recursive: true, mode: 0o700 });
}

async function copied({ data, into, isRunning, machine, progress }: BackupOptions, name: string): Promise<void> {
  await copyDatabase({
    from: join(data, name),
    to: join(into, name),
    isRunning,
    machine,
    progress: (done, all) => progress(name, done, all),
  });
}

/** Files of signing keys and of the authority, by their names below the data folder. */
export function secretFiles(data: string): string[] {
  const below = (folder: string): string[] =>
    existsSync(join(data, folder))
      ? readdirSync(join(data, folder))
          .filter((name) => /\.(pem|json|jws)$/.test(name))
          .map((name) => join(folder, name))
      : [];
  return [SIGNING_KEY, ...below(PKI), ...below(KEYS_FOLDER)].filter((name) => existsSync(join(data, name)));
}

function keysOf({ data, usersFile }: BackupOptions, taken: TakenSecrets): SealedKeys {
  const own = [...secretFiles(data), ...DEMO_SECRETS];
  const named = [...own.map((name) => [name, join(data, name)] as const), [USERS, usersFile] as const];
  const files = named
    .filter(([, path]) => existsSync(path))
    .map(([name, path]) => ({ name, base64: readFileSync(path).toString('base64') }));
  return { version: 2, files, ...taken };
}

/** Copies the list and its signed state. They are written one after the other, so reads them until no write came between. */
function copyAudit(data: string, into: string): void {
  copyList(data, into);
  // After the list, because an archive exists before the list that starts with its seal.
  for (const name of readdirSync(data))
    if (name.startsWith('audit-') && !name.endsWith('.part')) copyFileSync(join(data, name), join(into, name));
}

function copyList(data: string, into: string): void {
  const read = (name: string): Buffer => {
    const path = join(data, name);
    return existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  };
  for (let tries = 0; tries < 100; tries++) {
    const signed = read(CHECKPOINT);
    const list = read(AUDIT);
    if (!read(CHECKPOINT).equals(signed)) continue;
    // One of the two alone is a breach, which the restored cloud must find.
    if (list.length > 0) writeFileSync(join(into, AUDIT), list);
    if (signed.length > 0) writeFileSync(join(into, CHECKPOINT), signed);
    return;
  }
  throw new LoadstoneError('LS-BACKUP-005', `${AUDIT} kept changing while it was copied: try again`);
}

export function filesBelow(folder: string, within = folder): string[] {
  return readdirSync(within, { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(within, entry.name);
      return entry.isDirectory() ? filesBelow(folder, path) : [relative(folder, path)];
    });
}

function regionOf(file: string): string {
  const { id } = JSON.parse(readFileSync(file, 'utf8')) as { readonly id?: unknown };
  return typeof id === 'string' ? id : basename(file);
}
