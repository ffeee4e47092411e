import { randomUUID } from 'node:crypto';
import { chmodSync, lchownSync, lstatSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LoadstoneError } from '../outcome/outcome.ts';

export interface FolderLock {
  /** Lets the next one in. Twice is harmless. */
  release(): void;
}

/** Whose transaction stands on this holds the folder. Nothing else may open it: a close in the same process would let the lock go. */
const LOCK = 'lock.sqlite';
/** Who holds it, for a person; it decides nothing, and a killed holder leaves it behind. */
const HOLDER = 'lock.json';
export const lockFiles: readonly string[] = [LOCK, HOLDER];

/** What this process holds: a lock that nobody remembers would be collected, and let go. */
const locks = new Set<DatabaseSync>();

/**
 * Takes a folder for this process until it is let go or the process ends, by whatever end: an exclusive transaction of SQLite on a file
 * in the folder. The kernel keeps that lock with the file and drops it with the process, so that it holds between containers which
 * share the folder, and no file of a process id can go stale. Throws LS-DATA-001 where another holds it, LS-DATA-002 where the folder
 * cannot be locked at all. `now`: machine time, ms UTC.
 */
export function lockFolder(folder: string, now: number): FolderLock {
  const holder = join(folder, HOLDER);
  let db: DatabaseSync | undefined;
  try {
    mkdirSync(folder, { recursive: true });
    refuseLink(join(folder, LOCK));
    db = new DatabaseSync(join(folder, LOCK));
    // Nothing is ever written to it: without this a killed holder would leave a journal behind.
    db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    db?.close();
    const why = error instanceof Error ? error.message : String(error);
    if (!isBusy(error)) throw new LoadstoneError('LS-DATA-002', `${folder}: ${why}`);
    if (!knowsLocks(folder)) throw new LoadstoneError('LS-DATA-002', `${folder}: its file system gives no locks`);
    throw new LoadstoneError('LS-DATA-001', `${folder} is in use by ${holderIn(holder)}`);
  }
  const held = db;
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

/** Root in a folder of the service would make, and give it, whatever file the link names. */
function refuseLink(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true) throw new Error(`${path} is a link`);
}

const SQLITE_BUSY = 5;

/** The low byte of SQLite's extended code. */
const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY;

/** SQLite takes "no locks available" (a network file system without its lock service) for a lock that another holds. */
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

/** Another user may own the file that a killed holder left: the folder's owner may replace it. */
function write(path: string, holder: Readonly<Record<string, string | number>>): void {
  try {
    rmSync(path, { force: true });
    writeFileSync(path, `${JSON.stringify(holder)}\n`, { flag: 'wx' });
  } catch {
    // The lock holds without it.
  }
}

/** For the folder's owner alone. Root may hold it for a moment (`edge restore`): the service, another user, takes it next. */
function keepForOwner(folder: string, name: string): void {
  try {
    chmodSync(join(folder, name), 0o600);
    if (process.getuid?.() !== 0) return;
    const { uid, gid } = statSync(folder);
    lchownSync(join(folder, name), uid, gid);
  } catch {
    // A file system without owners, or a file that another user left.
  }
}

function holderIn(path: string): string {
  try {
    const { command, pid, host, since } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    return `"${String(command)}", process ${String(pid)} on ${String(host)}, since ${String(since)}`;
  } catch {
    return `another process (${path} does not tell which)`;
  }
}
