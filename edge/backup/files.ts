import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { streams } from '../../shared/contracts/frame.ts';
import { makePrivateFolder } from '../../shared/files/private-files.ts';
import { replaceFile } from '../../shared/files/replace-file.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { runnableConfig } from '../config/load.ts';
import type { GatewayConfig } from '../config/schema.ts';
import { identityFiles } from '../uplink/identity-files.ts';
import { protocolOf } from '../drivers/table.ts';
import { hashOf, STATE_NAME, type Content, type Kind } from './bundle.ts';

/**
 * Entries of the journal's folder that a backup keeps: aliases, whether heartbeats are signed, the key list, an unreported reset,
 * accepted documents, outcomes, control state, the model, and what was learned.
 */
const MEMORY = [
  'uplink.json',
  'heartbeat.json',
  'keys.json',
  'trust-reset.json',
  'commands.json',
  'state.json',
  'documents',
  'model',
  'training',
] as const;

/** Whether an entry of the journal's folder belongs to the gateway: its memory, or a part of the journal. */
export const isGatewayFile = (name: string): boolean =>
  [...MEMORY, ...streams, 'journal.json'].some((each) => name === each || name === `${each}.tmp`);

interface NamedFile {
  readonly kind: Kind;
  readonly name: string;
  readonly path: string;
}

/** The files that the configuration names. */
export function namedFiles({ trust, uplink, localBroker, forecast, devices }: GatewayConfig): readonly NamedFile[] {
  const named: readonly (readonly [Kind, string | undefined])[] = [
    ['trusted-keys', trust.keysFile],
    ['uplink-user', uplink.userFile],
    ['proxy-user', uplink.proxyUserFile],
    ['device-users', localBroker.userFile],
    ['load-history', forecast.historyFile],
  ];
  const chargers = devices.flatMap((device): NamedFile[] => {
    const path = protocolOf(device).userFile?.(device).path;
    return path === undefined ? [] : [{ kind: 'charger-users', name: device.id, path }];
  });
  const identity = Object.entries(uplink.identity === undefined ? {} : identityFiles(uplink.identity)).map(
    ([name, path]): NamedFile => ({ kind: 'identity', name, path }),
  );
  const single = named.flatMap(([kind, path]) => (path === undefined ? [] : [{ kind, name: kind, path }]));
  return [...single, ...identity, ...chargers];
}

/** Reads again at most this often. The gateway writes its state once a second, and reading takes milliseconds. */
const MOST_READS = 20;

/**
 * The contents of a backup; missing files are skipped. A running gateway writes meanwhile: the files are read until two reads agree, so
 * that an accepted command and its effect are both in the backup, or neither.
 */
export function readContents(configPath: string, config: GatewayConfig, read: Read = readFileSync): Content[] {
  let before: string | undefined;
  for (let reads = 0; reads < MOST_READS; reads++) {
    const contents = readOnce(configPath, config, read);
    const now = JSON.stringify(contents?.map(({ kind, name, bytes }) => [kind, name, hashOf(bytes)]));
    if (contents !== undefined && now === before) return contents;
    before = now;
  }
  throw new LoadstoneError('LS-BACKUP-005', `${config.journal.path} kept changing while it was read: try again`);
}

type Read = (path: string) => Uint8Array;

/** Undefined: a file was removed in between. */
function readOnce(configPath: string, config: GatewayConfig, read: Read): Content[] | undefined {
  const named: NamedFile[] = [{ kind: 'config', name: 'config', path: configPath }, ...namedFiles(config)];
  const files = [...named.filter(({ path }) => existsSync(path)), ...memoryIn(config)];
  try {
    return files.map(({ kind, name, path }) => ({ kind, name, bytes: new Uint8Array(read(path)) }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The gateway's memory, without files that are being written and files that are not its own. */
export function memoryIn({ journal }: GatewayConfig): NamedFile[] {
  return MEMORY.map((name) => join(journal.path, name))
    .flatMap(filesBelow)
    .map((path) => ({ kind: 'state' as const, name: relative(journal.path, path), path }))
    .filter(({ name }) => STATE_NAME.test(name) && !/\.(tmp|part)$/.test(name));
}

function filesBelow(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory() !== true) return found?.isFile() === true ? [path] : [];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}

/** Where a content is restored to; undefined if the backup's configuration names no place for it. */
export function placeOf({ kind, name }: Content, configPath: string, config: GatewayConfig): string | undefined {
  if (kind === 'config') return configPath;
  if (kind === 'state') return join(config.journal.path, name);
  return namedFiles(config).find((each) => each.kind === kind && each.name === name)?.path;
}

/**
 * Throws LS-BACKUP-002 if the journal's folder has records of another gateway: they would be sent as those of `gateway`. The present
 * configuration names their gateway.
 */
export function assertOwnJournal(gateway: string, { journal }: GatewayConfig, configPath: string): void {
  const there = runnableConfig(configPath)?.gateway.id;
  const hasRecords = streams.some((stream) => entriesOf(join(journal.path, stream)).length > 0);
  if (hasRecords && there !== undefined && there !== gateway)
    throw new LoadstoneError(
      'LS-BACKUP-002',
      `${journal.path} has records of ${there}, which would be sent as those of ${gateway}: move the folder away`,
    );
}

const entriesOf = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);

interface Move {
  readonly path: string;
  readonly content: Content;
}

/**
 * Restores files, the configuration last, so that nothing starts with only part of the others. Memory that the backup does not have is
 * removed, because it belongs to another time or another gateway.
 */
export function putAllBack(moves: readonly Move[], config: GatewayConfig): void {
  const restored = new Set(moves.map(({ path }) => path));
  const isConfig = ({ content }: Move): boolean => content.kind === 'config';
  for (const { path, content } of moves.filter((move) => !isConfig(move))) putBack(path, content);
  for (const { path } of memoryIn(config)) if (!restored.has(path)) rmSync(path);
  for (const { path, content } of moves.filter(isConfig)) putBack(path, content);
}

const SECRET = 0o600;
const SHARED = 0o640;

/** Writes a file atomically, with the owner of its folder; a new folder gets the owner of the folder above. */
export function putBack(path: string, { kind, bytes }: Content): void {
  const folder = dirname(path);
  makePrivateFolder(folder);
  const { uid, gid } = statSync(folder);
  // The configuration belongs to root, and the gateway reads it through its group.
  const written = kind === 'config' ? { mode: SHARED, owner: { uid: 0, gid } } : { mode: SECRET, owner: { uid, gid } };
  replaceFile(path, bytes, written);
}
