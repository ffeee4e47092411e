import { randomUUID } from 'node:crypto';
import { chmodSync, lchownSync, lstatSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LoadstoneError } from '../outcome/outcome.ts';
import { messageOf } from '../outcome/message-of.ts';

export interface FolderLock {
  /** Releases the lock. Idempotent. */
  release(): void;
}

/**
 * The process with an exclusive transaction on this file holds the folder. Nothing else may open the file: closing it anywhere in the same
 * process would release the lock.
 */
const LOCK = 'lock.sqlite';
/** Names the holder for people. It has no effect on locking, and a killed holder leaves it behind. */
const HOLDER = 'lock.json';
export const lockFiles: readonly string[] = [LOCK, HOLDER];

/** Locks of this process. Without a reference the garbage collector would close the database and release the lock. */
const locks = new Set<DatabaseSync>();

/**
 * Locks a folder for this process until `release` or the end of the process, however it ends: an exclusive SQLite transaction on a file in
 * the folder. The kernel ties that lock to the file and drops it with the process. So it works between containers that share the folder,
 * and there is no pid file that could go stale. Throws LS-DATA-001 if another process holds it, LS-DATA-002 if the folder cannot be locked
 * at all. `now`: machine time, ms UTC.
 */
export function lockFolder(folder: string, now: number): FolderLock {
  const holder = join(folder, HOLDER);
  const held = hold(folder, 0);
  locks.add(held);
  const command = ['loadstone', ...process.argv.slice(2)].join(' ');
  write(holder, { command, pid: process.pid, host: hostname(), since: new Date(now).toISOString() });
  for (const name of lockFiles) keepForOwner(folder, name);
  return {
    release: () => {
      if (!held.isOpen) return;
      locks.delete(held);
      rmSync(holder, { force: true });
      held.close();
    },
  };
}

/** How long to wait for another process that changes a folder for a moment. */
const MOMENT_MS = 10_000;

/** Runs `act` while no other process does so for this folder. Waits for another; throws as `lockFolder` does if that takes too long. */
export function whileLocked<T>(folder: string, act: () => T): T {
  const held = hold(folder, MOMENT_MS);
  try {
    keepForOwner(folder, LOCK);
    return act();
  } finally {
    held.close();
  }
}

/** As `whileLocked`. A second call in the same process waits for nothing but its time limit, so it is for commands. */
export async function whileLockedUntilDone<T>(folder: string, act: () => Promise<T>): Promise<T> {
  const held = hold(folder, MOMENT_MS);
  locks.add(held);
  try {
    keepForOwner(folder, LOCK);
    return await act();
  } finally {
    locks.delete(held);
    held.close();
  }
}

function hold(folder: string, waitMs: number): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    mkdirSync(folder, { recursive: true });
    refuseLink(join(folder, LOCK));
    db = new DatabaseSync(join(folder, LOCK), { timeout: waitMs });
    // Nothing is ever written to it. With the default mode a killed holder would leave a journal file behind.
    db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return db;
  } catch (error) {
    db?.close();
    const why = messageOf(error);
    if (!isBusy(error)) throw new LoadstoneError('LS-DATA-002', `${folder}: ${why}`);
    if (!knowsLocks(folder))
      throw new LoadstoneError('LS-DATA-002', `${folder}: its file system does not support locks`);
    throw new LoadstoneError('LS-DATA-001', `${folder} is in use by ${holderIn(join(folder, HOLDER))}`);
  }
}

/** If root followed a link in the service's folder, it would create the link's target and hand it to the service. */
function refuseLink(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true) throw new Error(`${path} is a symlink`);
}

const SQLITE_BUSY = 5;

/** SQLite's primary result code is the low byte of the extended code. */
const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY;

/**
 * SQLite reports "no locks available" (a network file system without its lock service) as a lock held by another. A lock on a fresh file
 * tells the two apart.
 */
function knowsLocks(folder: string): boolean {
  const path = join(folder, `lock-${randomUUID()}.sqlite`);
  try {
    const db = new DatabaseSync(path);
    try {
      db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
      return true;
    } finally {
      db.close();
    }
  } catch (error) {
    return !isBusy(error);
  } finally {
    rmSync(path, { force: true });
  }
}

/** A killed holder may have run as another user; the owner of the folder can still replace the file. */
function write(path: string, holder: Readonly<Record<string, string | number>>): void {
  try {
    rmSync(path, { force: true });
    writeFileSync(path, `${JSON.stringify(holder)}\n`, { flag: 'wx' });
  } catch {
    // The lock works without it.
  }
}

/**
 * Restricts the file to the folder's owner. If root holds the lock for a moment (`edge restore`), the service must be able to take it next
 * as another user.
 */
function keepForOwner(folder: string, name: string): void {
  try {
    chmodSync(join(folder, name), 0o600);
    if (process.getuid?.() !== 0) return;
    const { uid, gid } = statSync(folder);
    lchownSync(join(folder, name), uid, gid);
  } catch {
    // The file system has no owners, or the file belongs to another user.
  }
}

function holderIn(path: string): string {
  try {
    const { command, pid, host, since } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    return `"${String(command)}", process ${String(pid)} on ${String(host)}, since ${String(since)}`;
  } catch {
    return `another process (${path} does not name it)`;
  }
}
