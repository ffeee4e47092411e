import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { readConfig } from '../../shared/config/read-config.ts';
import { writeForOneself } from '../../shared/files/private-files.ts';
import { lockFolder } from '../../shared/lock/folder-lock.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { assertNamed, isCloudFolder } from '../compose/state.ts';
import { CLOUD_UNIT, CloudConfig } from '../config.ts';
import { openToRead } from '../telemetry/sqlite.ts';

/** A data folder opened for reading, with its cloud running or stopped. */
export interface OpenedFolder {
  readonly folder: string;
  readonly isRunning: boolean;
  /**
   * Opens a file of the folder for reading; undefined: it does not exist. If the cloud is stopped, closing also merges the file's log into
   * it.
   */
  open(name: string): DatabaseSync | undefined;
  /** Lets a cloud start again. */
  close(): void;
}

/** The configuration of a cloud command: file, environment, `--data`. */
export function configOf(file: string | undefined, data: string | undefined): CloudConfig {
  return readConfig(CloudConfig, {
    file: file ?? 'defaults',
    text: file === undefined ? '' : readText(file),
    env: process.env,
    flags: { data },
    unit: CLOUD_UNIT,
  });
}

export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new LoadstoneError('LS-CONFIG-003', `${file}: ${messageOf(error)}`);
  }
}

export const machineNow = (): number => Math.round(new SystemClock(() => undefined).machine.now());

/** Opens the folder of a running cloud, or locks that of a stopped one. Throws LS-CONFIG-003 if no cloud ever ran in it. */
export function openFolder({ data, state }: Pick<CloudConfig, 'data' | 'state'>): OpenedFolder {
  writeForOneself();
  const folder = resolve(data);
  if (!isCloudFolder(folder))
    throw new LoadstoneError(
      'LS-CONFIG-003',
      `data: ${folder} is not a data folder of a cloud; name it by --data or --config`,
    );
  assertNamed(folder, state.postgres);
  const lock = lockIfFree(folder);
  const opened = new Set<DatabaseSync>();
  return {
    folder,
    isRunning: lock === undefined,
    open: (name) => {
      const path = join(folder, name);
      if (!existsSync(path)) return undefined;
      const db = lock === undefined ? openToRead(path) : new DatabaseSync(path);
      opened.add(db);
      return db;
    },
    close: () => {
      for (const db of opened) if (db.isOpen) db.close();
      lock?.release();
    },
  };
}

/** Undefined if a cloud runs on the folder. */
export function lockIfFree(folder: string): ReturnType<typeof lockFolder> | undefined {
  try {
    return lockFolder(folder, machineNow());
  } catch (error) {
    if (error instanceof LoadstoneError && error.code === 'LS-DATA-001') return undefined;
    throw error;
  }
}
