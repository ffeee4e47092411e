import { chmodSync, lchownSync, lstatSync, mkdirSync, readdirSync, statSync, type Stats } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { replaceFile } from './replace-file.ts';

const OTHERS = 0o077;
const FILE = 0o600;
const PUBLIC = 0o644;
const FOLDER = 0o700;
/** Mode bit of folders that several users share, such as /tmp. */
const STICKY = 0o1000;

/** Makes all files that this process, its threads and its children create accessible to their owner only. */
export const writeForOneself = (): void => void process.umask(OTHERS);

/**
 * Revokes everybody else's access to a folder, its entries that `isOurs` selects, and everything below them. Links are not followed;
 * sockets and shared (sticky) folders are left alone. Returns one message for each path that could not be changed.
 */
export function makeFolderPrivate(folder: string, isOurs: (name: string) => boolean): string[] {
  const own = entriesOf(folder).filter(isOurs);
  return [...own.flatMap((name) => privateBelow(join(folder, name))), ...taken(folder, FOLDER, statSync)];
}

/** The same for single files. Missing files are skipped. */
export const makeFilesPrivate = (...files: string[]): string[] => files.flatMap((file) => taken(file, FILE, statSync));

/** Makes a folder, unless it exists, for its user only. If root makes it, each new folder gets the owner of the folder above. */
export function makePrivateFolder(folder: string): void {
  const made = mkdirSync(folder, { recursive: true, mode: FOLDER });
  // From the top: each level takes its owner from the one above.
  if (made !== undefined) for (const each of levels(made, folder)) own(each);
}

/**
 * Writes a file atomically and readable for its user only. If root writes, file and new folders get the owner of the folder above. Several
 * processes may write the same file at the same time: the last one wins.
 */
export const writePrivate = (file: string, text: string): void => put(file, text, FILE);

/** The same, readable for everyone. */
export const writePublic = (file: string, text: string): void => put(file, text, PUBLIC);

function put(file: string, text: string, mode: number): void {
  makePrivateFolder(dirname(file));
  replaceFile(file, text, { mode });
}

/** The folders from `top` down to `folder`. */
function levels(top: string, folder: string): string[] {
  const found = [resolve(folder)];
  while (found[0]!.length > resolve(top).length) found.unshift(dirname(found[0]!));
  return found;
}

function own(path: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(dirname(path));
  lchownSync(path, uid, gid);
}

function privateBelow(path: string): string[] {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() === true) return taken(path, FILE, lstatSync);
  if (stats?.isDirectory() !== true) return [];
  return [...taken(path, FOLDER, lstatSync), ...entriesOf(path).flatMap((name) => privateBelow(join(path, name)))];
}

type Look = (path: string, options: { throwIfNoEntry: false }) => Stats | undefined;

function taken(path: string, mode: number, look: Look): string[] {
  try {
    const stats = look(path, { throwIfNoEntry: false });
    if (stats !== undefined && (stats.mode & OTHERS) !== 0 && (stats.mode & STICKY) === 0) chmodSync(path, mode);
    return [];
  } catch (error) {
    return [String(error)];
  }
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // The folder is missing or unreadable. Whoever opens it reports that.
    return [];
  }
}
